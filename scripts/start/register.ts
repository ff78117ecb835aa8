/** Tells the gateway what this start asked for. Each step may be repeated: what is so already stays so. */
import { setTimeout as pause } from "node:timers/promises";
import { ask, problemOf, type Answer, type Gateway } from "./ask.ts";
import { Complaint } from "./complaint.ts";
import { member, numberMember, textMember } from "./json.ts";

const healthWaitMs = 30_000;
const readyWaitMs = 30_000;
const settleWaitMs = 10_000;

/** `degraded` and `down` are answers too: the servers behind it are not this start's business. */
export async function waitForHealth(gateway: Gateway): Promise<void> {
  let last = "no answer";
  for (const end = Date.now() + healthWaitMs; Date.now() < end; await pause(30)) {
    try {
      const answer = await ask(gateway, "/health", { timeoutMs: 5_000 });
      if (answer.status === 200 || answer.status === 503) return;
      last = problemOf(answer);
    } catch (reason) {
      last = reason instanceof Error ? reason.message : String(reason);
    }
  }
  throw new Complaint(`the gateway does not answer GET /health: ${last}`);
}

export interface Counts {
  readonly servers: number;
  readonly shards: number;
}

export async function countServers(gateway: Gateway): Promise<Counts> {
  const { body } = must(await ask(gateway, "/servers/count"), "count the servers");
  return { servers: numberMember(body, "total") ?? 0, shards: Object.keys(member(body, "shards") ?? {}).length };
}

export async function setShards(gateway: Gateway, count: number): Promise<void> {
  must(await ask(gateway, "/shards", { method: "PUT", body: { count }, timeoutMs: 120_000 }), "set the shards");
}

/** The server as `GET /servers/{id}` shows it; undefined when there is none. */
export async function lookUp(gateway: Gateway, id: string): Promise<unknown> {
  const answer = await ask(gateway, `/servers/${id}`);
  return answer.status === 404 ? undefined : must(answer, `look up ${id}`).body;
}

/** Undefined when there is no such server. */
export async function kindOf(gateway: Gateway, id: string): Promise<string | undefined> {
  const server = await lookUp(gateway, id);
  return server === undefined ? undefined : (textMember(server, "kind") ?? "http");
}

export interface Registrable {
  readonly id: string;
  readonly title: string;
  readonly url: string;
}

/** Registers an example, or tells the gateway its new address; answers how it does. */
export async function register(gateway: Gateway, server: Registrable): Promise<string> {
  const { id, title, url } = server;
  if ((await lookUp(gateway, id)) !== undefined) {
    must(await ask(gateway, `/servers/${id}`, { method: "PATCH", body: { url } }), `move ${id}`);
    const checked = await ask(gateway, `/servers/${id}:check`, { method: "POST", timeoutMs: readyWaitMs });
    return stateOf(must(checked, `check ${id}`).body);
  }
  const made = await ask(gateway, "/servers?wait=ready", {
    method: "POST",
    body: { id, title, url },
    timeoutMs: readyWaitMs,
  });
  return stateOf(must(made, `register ${id}`).body);
}

/** How a server does once its first attempt is over. */
export async function settledState(gateway: Gateway, id: string): Promise<string> {
  for (const end = Date.now() + settleWaitMs; ; await pause(100)) {
    const { body } = must(await ask(gateway, `/servers/${id}`), `look up ${id}`);
    if (textMember(body, "state") !== "unknown" || Date.now() > end) return stateOf(body);
  }
}

export function stateOf(body: unknown): string {
  const state = textMember(body, "state") ?? "unknown";
  const tools = numberMember(body, "tools");
  if (state === "ready") return tools === undefined ? "ready" : `ready, ${tools} tools`;
  return `${state}: ${textMember(body, "reason") ?? ""}`;
}

function must(answer: Answer, what: string): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new Complaint(`the gateway would not ${what}: ${problemOf(answer)}`);
}
