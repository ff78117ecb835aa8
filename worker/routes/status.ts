/** `GET /status`: the whole fleet on one page. What cannot be asked is shown as unknown, never left out. */
import { z } from "zod";
import { success } from "../../core/contract/outcome.ts";
import { kinds, serverStates, type ServerHealth } from "../../core/contract/server.ts";
import type { ShardStatus, Traffic } from "../../core/contract/shard-rpc.ts";
import type { House } from "../house.ts";
import { askFleet } from "../objects.ts";
import { version } from "../version.ts";
import { endpoint } from "./endpoint.ts";
import { askEveryShard, type ShardAnswer } from "./every-shard.ts";
import { wellnessOf } from "./health.ts";
import { instantOrNull, instantSchema } from "./instant.ts";
import { silence } from "./servers/health.ts";
import type { Health } from "./servers/view.ts";
import { exampleShard, shardSchema, viewShard, type ShardView } from "./shard-view.ts";
import { trafficSchema } from "./traffic.ts";

const serverSchema = z
  .object({
    id: z.string(),
    shard: z.int(),
    state: z.enum(serverStates),
    reason: z.string(),
    since: instantSchema.nullable(),
    kind: z.enum(kinds).nullable(),
    era: z.enum(["legacy", "modern"]).nullable(),
    tools: z.int(),
    traffic: z.object({ calls: z.int(), failures: z.int() }),
    lastSuccessAt: instantSchema.nullable(),
  })
  .meta({ id: "ServerStatus" });

type ServerLine = z.infer<typeof serverSchema>;

const statusSchema = z
  .object({
    status: z.enum(["ok", "degraded", "down"]),
    version: z.string(),
    revision: z.int().describe("Of the shard map: counts up with every change of who owns what."),
    uptimeMs: z.int().describe("Of the shard that has been up longest."),
    controlPlane: z.enum(["ok", "down"]).describe("While `down`, calls go on and administration waits."),
    totals: z.object({
      servers: z.int(),
      states: z.partialRecord(z.enum(serverStates), z.int()),
      tools: z.int(),
      traffic: trafficSchema.describe("Sums; the percentiles are those of the slowest shard."),
    }),
    shards: z.array(shardSchema),
    servers: z.array(serverSchema).describe("By id."),
  })
  .meta({ id: "Status" });

const exampleLine: ServerLine = {
  id: "memory",
  shard: 1,
  state: "ready",
  reason: "",
  since: "2026-10-23T09:00:00.000Z",
  kind: "http",
  era: "legacy",
  tools: 9,
  traffic: { calls: 1200, failures: 3 },
  lastSuccessAt: "2026-10-23T09:59:59.000Z",
};

export const showStatus = endpoint({
  summary: "Show the status",
  description: "Every shard and every server: state, reason, since when, traffic, latency, uptime.",
  tag: "Gateway",
  answer: statusSchema,
  example: {
    answer: {
      status: "ok",
      version,
      revision: 7,
      uptimeMs: 3_600_000,
      controlPlane: "ok",
      totals: { servers: 60, states: { ready: 60 }, tools: 600, traffic: exampleShard.traffic },
      shards: [exampleShard],
      servers: [exampleLine],
    },
  },
  async handle({ house }) {
    const [asked, fleetMap] = await Promise.all([
      askEveryShard(house, (shard) => Promise.all([shard.status(), shard.health()])),
      askFleet(house.env, (fleet) => fleet.map()),
    ]);
    if (!asked.ok) return asked;
    const now = Date.now();
    const parts = await Promise.all(asked.value.answers.map((answer) => partOf(house, answer, now)));
    const shards = parts.map(({ shard }) => shard);
    const servers = parts.flatMap((part) => part.servers).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return success({
      status: wellnessOf(shards),
      version,
      revision: fleetMap.ok ? fleetMap.value.revision : asked.value.map.revision,
      uptimeMs: Math.max(0, ...shards.map(({ uptimeMs }) => uptimeMs ?? 0)),
      controlPlane: fleetMap.ok ? "ok" : "down",
      totals: totalsOf(shards, servers),
      shards,
      servers,
    });
  },
});

interface Part {
  readonly shard: ShardView;
  readonly servers: readonly ServerLine[];
}

async function partOf(
  house: House,
  { shard, answer }: ShardAnswer<readonly [ShardStatus, readonly ServerHealth[]]>,
  now: number,
): Promise<Part> {
  if (answer.ok) {
    const [status, servers] = answer.value;
    return {
      shard: viewShard({ shard, answer: { ok: true, value: status } }, 0, now),
      servers: servers.map((health) => lineOf(health.id, shard, health)),
    };
  }
  const kept = await askFleet(house.env, (fleet) => fleet.serversOf(shard));
  const ids = kept.ok ? kept.value.map(({ id }) => id) : [];
  return {
    shard: viewShard({ shard, answer }, ids.length, now),
    servers: ids.map((id) => lineOf(id, shard, silence(shard, answer.failure))),
  };
}

function lineOf(id: string, shard: number, health: Health): ServerLine {
  const known: Partial<ServerHealth> = "unknown" in health ? { reason: health.unknown } : health;
  return {
    id,
    shard,
    state: known.state ?? "unknown",
    reason: known.reason ?? "",
    since: instantOrNull(known.since),
    kind: known.kind ?? null,
    era: known.era ?? null,
    tools: known.tools ?? 0,
    traffic: { calls: known.calls ?? 0, failures: known.failures ?? 0 },
    lastSuccessAt: instantOrNull(known.lastSuccessAt),
  };
}

function totalsOf(shards: readonly ShardView[], servers: readonly ServerLine[]) {
  const states: Partial<Record<ServerLine["state"], number>> = {};
  for (const { state } of servers) states[state] = (states[state] ?? 0) + 1;
  const traffic = shards.flatMap((shard) => (shard.traffic ? [shard.traffic] : []));
  const sum = (count: (one: Traffic) => number) => traffic.reduce((total, one) => total + count(one), 0);
  const worst = (percentile: (one: Traffic) => number) => Math.max(0, ...traffic.map(percentile));
  return {
    servers: servers.length,
    states,
    tools: shards.reduce((total, { tools }) => total + (tools ?? 0), 0),
    traffic: {
      calls: sum((one) => one.calls),
      failures: sum((one) => one.failures),
      bytesIn: sum((one) => one.bytesIn),
      bytesOut: sum((one) => one.bytesOut),
      p50Ms: worst((one) => one.p50Ms),
      p90Ms: worst((one) => one.p90Ms),
      p99Ms: worst((one) => one.p99Ms),
    },
  };
}
