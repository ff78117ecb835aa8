/** A server that asks, its shard, and what a modern client's door sends there. */
import { expect } from "vitest";
import type { ConversationRpc, ParkAsk, ParkStep } from "../../../core/contract/conversation.ts";
import type { Outcome } from "../../../core/contract/outcome.ts";
import { AskingServer, text, type Script } from "./asking-server.ts";
import { connectTo } from "./fake-server.ts";
import { register, shardStub, valueOf } from "./fleet-of.ts";

const everything = `{"elicitation":{},"sampling":{},"roots":{}}`;

export function parkAsk(name: string, more: Partial<ParkAsk> = {}): ParkAsk {
  return {
    keyId: "key1",
    server: "asker",
    method: "tools/call",
    paramsText: `{"name":${JSON.stringify(name)},"arguments":{}}`,
    name,
    capabilitiesText: everything,
    progress: false,
    timeoutMs: 5_000,
    revision: 1,
    ...more,
  };
}

/** Asks one question, under its own id, and says what it heard. */
export const greet: Script = async ({ ask }) => {
  const answer = await ask("user_name", "elicitation/create", { message: "Who?", requestedSchema: { type: "object" } });
  return text(`Hello ${JSON.stringify(answer["content"])}`);
};

export async function asking(scripts: Readonly<Record<string, Script>>) {
  const server = new AskingServer("asker.example", scripts);
  connectTo(server);
  const { number } = await register(server);
  const shard: ConversationRpc = shardStub(number);
  return { server, shard, number };
}

export function asksOf(outcome: Outcome<ParkStep>) {
  const step = valueOf(outcome);
  if (step.is !== "asks") expect.unreachable(`expected questions, got ${JSON.stringify(step)}`);
  return { parkId: step.parkId, asks: JSON.parse(step.asksText), notifications: step.notifications };
}
