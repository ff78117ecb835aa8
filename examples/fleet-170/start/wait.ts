/** Waits until the gateway calls every server of the fleet ready, and counts. */
import { setTimeout as pause } from "node:timers/promises";
import { ask, type Gateway } from "../../../scripts/start/ask.ts";
import { member, numberMember, textMember } from "../../../scripts/start/json.ts";
import { isUsable, readOffers } from "../../../scripts/start/offers.ts";
import type { Described } from "./description.ts";
import type { Report } from "./report.ts";

const patienceMs = 240_000;
const sayEveryMs = 5_000;

export interface Standing {
  readonly total: number;
  readonly ready: number;
  /** Servers per shard. */
  readonly shards: Readonly<Record<string, number>>;
  /** Ready servers per capability. */
  readonly capabilities: Readonly<Record<string, number>>;
}

export async function waitForServers(gateway: Gateway, fleet: Described, report: Report): Promise<Standing> {
  const wanted = fleet.reduce((sum, { servers }) => sum + servers.length, 0);
  let saidAt = Date.now();
  for (const end = Date.now() + patienceMs; Date.now() < end; await pause(250)) {
    const { body } = await ask(gateway, "/servers/count");
    // A gateway that was here before calls ready what was; so the connectors are asked, too.
    const ready = Math.min(numberMember(member(body, "states"), "ready") ?? 0, await offered(gateway));
    if (ready >= wanted) break;
    if (Date.now() - saidAt < sayEveryMs) continue;
    saidAt = Date.now();
    report.step("servers", `${ready} of ${wanted} ready`);
  }
  return await count(gateway, fleet, report);
}

/** How many servers the connectors offer that run, or would run when called. */
async function offered(gateway: Gateway): Promise<number> {
  return [...(await readOffers(gateway)).values()].filter(isUsable).length;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

async function count(gateway: Gateway, fleet: Described, report: Report): Promise<Standing> {
  const seen = new Map((await everyServer(gateway)).map((server) => [textMember(server, "id") ?? "", server]));
  const shards: Record<string, number> = {};
  const capabilities: Record<string, number> = {};
  let ready = 0;
  for (const server of seen.values()) {
    const shard = String(numberMember(server, "shard") ?? "?");
    shards[shard] = (shards[shard] ?? 0) + 1;
  }
  for (const { id, capability } of fleet.flatMap(({ servers }) => servers)) {
    const server = seen.get(id);
    const state = textMember(server, "state") ?? "not registered";
    if (state !== "ready") report.step(id, `${state}: ${textMember(server, "reason") ?? ""}`);
    ready += state === "ready" ? 1 : 0;
    capabilities[capability] = (capabilities[capability] ?? 0) + (state === "ready" ? 1 : 0);
  }
  return { total: seen.size, ready, shards, capabilities };
}

async function everyServer(gateway: Gateway): Promise<readonly unknown[]> {
  const servers: unknown[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined;) {
    const { body } = await ask(gateway, `/servers?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    servers.push(...list(member(body, "servers")));
    cursor = textMember(body, "nextCursor");
  }
  return servers;
}
