/** A shard as the API shows it; one that does not answer is shown as such, with the servers that Fleet says it has. */
import { z } from "zod";
import { serverStates } from "../../core/contract/server.ts";
import type { ShardStatus } from "../../core/contract/shard-rpc.ts";
import type { ShardAnswer } from "./every-shard.ts";
import { instant, instantSchema } from "./instant.ts";
import { trafficSchema } from "./traffic.ts";

export const shardSchema = z
  .object({
    shard: z.int(),
    status: z
      .enum(["ok", "degraded", "down"])
      .describe("`degraded`: some of its servers are down. `down`: it does not answer."),
    reason: z.string().describe("Empty when ok."),
    servers: z.int(),
    states: z.partialRecord(z.enum(serverStates), z.int()),
    tools: z.int().optional(),
    keys: z.int().optional().describe("API keys it is home to and has seen lately."),
    traffic: trafficSchema.optional(),
    startedAt: instantSchema.optional().describe("Counts and traffic are since then."),
    uptimeMs: z.int().optional(),
    revision: z.int().optional().describe("Of the shard map it knows."),
    parkedCalls: z.int().optional().describe("Calls that wait for what their server has asked the client."),
    objectCalls: z.int().optional().describe("Calls that the object has answered."),
    rowsWritten: z.int().optional(),
  })
  .meta({ id: "Shard" });

export type ShardView = z.infer<typeof shardSchema>;

export function viewShard({ shard, answer }: ShardAnswer<ShardStatus>, serversOfIt: number, now: number): ShardView {
  if (!answer.ok) {
    const reason = answer.failure.code === "overloaded" ? "It is too busy to answer." : "It does not answer.";
    return {
      shard,
      status: "down",
      reason,
      servers: serversOfIt,
      states: serversOfIt > 0 ? { unknown: serversOfIt } : {},
    };
  }
  const { shard: _, startedAt, servers, states, traffic, ...rest } = answer.value;
  const down = states.down ?? 0;
  return {
    shard,
    status: down > 0 ? "degraded" : "ok",
    reason: down > 0 ? `${down} of ${servers} servers ${down === 1 ? "is" : "are"} down.` : "",
    servers,
    states: { ...states },
    ...rest,
    traffic: { ...traffic },
    startedAt: instant(startedAt),
    uptimeMs: Math.max(0, now - startedAt),
  };
}

export const exampleShard: ShardView = {
  shard: 1,
  status: "ok",
  reason: "",
  servers: 60,
  states: { ready: 60 },
  tools: 600,
  keys: 4,
  traffic: { calls: 1200, failures: 3, bytesIn: 52_000, bytesOut: 810_000, p50Ms: 12, p90Ms: 40, p99Ms: 210 },
  startedAt: "2026-10-23T09:00:00.000Z",
  uptimeMs: 3_600_000,
  revision: 7,
  parkedCalls: 0,
  objectCalls: 412,
  rowsWritten: 96,
};
