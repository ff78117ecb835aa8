/**
 * How much Patchbay costs beside doing nothing: (a) a bare Worker that relays, (b) the same through a Durable Object,
 * (c) `POST /call` with key, limits and receipts. One workerd, interleaved rounds, medians. Ratios are what counts:
 * absolute numbers are this machine's.
 */
import { parseArgs } from "node:util";
import { startFastServer } from "./fast-server.ts";
import { fire, type Shot, type Volley } from "./load.ts";
import { medianOf, round3, type Summary } from "./median.ts";
import { measurePeers } from "./peers.ts";
import { printReport } from "./report.ts";
import { openStage, type Stage } from "./stage.ts";

export type Contender = "a" | "b" | "c";
export const contenders = ["a", "b", "c"] as const;
export const connectionCounts = [1, 16] as const;

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1.5" },
  },
});

const rounds = Math.max(5, Number(options.rounds));
const volleyMs = Number(options.seconds) * 1000;

const server = await startFastServer();
const stage = await openStage(server.url);
try {
  const shots = await prepare(stage, server.url);
  for (const contender of contenders) await fire(shots[contender], 16, 1_500);
  const volleys = await interleave(shots);
  const counted = await countObjectWork(stage, shots.c);
  const peers = options.peers ? await measurePeers(server.url, shots, volleyMs, rounds) : undefined;
  const figures = {
    ...summarise(volleys),
    ...counted,
    residentMiB: Math.round(await stage.residentMiB()),
    rounds,
    ...peers,
  };
  if (options.json) console.log(JSON.stringify(figures));
  else printReport(figures);
} finally {
  await stage.close();
  await server.close();
}

export interface Figures {
  readonly cOverA: number;
  readonly cOverB: number;
  readonly cOverAAt1: number;
  readonly cOverBAt1: number;
  readonly objectCallsPerCall: number;
  readonly rowsWrittenPerCall: number;
  readonly residentMiB: number;
  readonly rounds: number;
  readonly at: Readonly<Record<string, Readonly<Record<Contender, Summary>>>>;
  readonly peers?: Readonly<Record<string, Summary>>;
  readonly cOverMcpHub?: number;
}

async function prepare(on: Stage, target: string): Promise<Record<Contender, Shot>> {
  await admin(on, "POST", "/servers?wait=ready", { id: "fast", url: target });
  const made = await admin(on, "POST", "/keys", {
    name: "bench",
    scopes: ["tools:call"],
    limit: { perMinute: 10_000_000, burst: 1_000_000 },
  });
  const rpc = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "echo", arguments: { line: "hello" } } };
  const relayed = {
    host: "127.0.0.1",
    path: "/",
    headers: { accept: "application/json, text/event-stream" },
    body: JSON.stringify(rpc),
    expect: "quick brown fox",
  };
  return {
    a: { ...relayed, port: on.worker },
    b: { ...relayed, port: on.object },
    c: {
      host: "127.0.0.1",
      port: on.gateway,
      path: "/call",
      headers: { authorization: `Bearer ${String(made["key"])}` },
      body: JSON.stringify({ tool: "fast__echo", arguments: { line: "hello" } }),
      expect: "quick brown fox",
    },
  };
}

type Volleys = Record<string, Record<Contender, Volley[]>>;

/** Every round fires at all contenders, each round in another order, so that the machine's moods hit all alike. */
async function interleave(shots: Record<Contender, Shot>): Promise<Volleys> {
  const volleys: Volleys = {};
  for (const connections of connectionCounts) volleys[connections] = { a: [], b: [], c: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const connections of connectionCounts) {
      for (let turn = 0; turn < contenders.length; turn += 1) {
        const contender = contenders[(round + turn) % contenders.length] ?? "a";
        volleys[connections]?.[contender].push(await fire(shots[contender], connections, volleyMs));
      }
    }
  }
  return volleys;
}

function summarise(
  volleys: Volleys,
): Omit<Figures, "objectCallsPerCall" | "rowsWrittenPerCall" | "residentMiB" | "rounds"> {
  const at: Record<string, Record<Contender, Summary>> = {};
  for (const [connections, each] of Object.entries(volleys)) {
    at[connections] = { a: medianOf(each.a), b: medianOf(each.b), c: medianOf(each.c) };
  }
  return {
    cOverA: ratio(at["16"], "a"),
    cOverB: ratio(at["16"], "b"),
    cOverAAt1: ratio(at["1"], "a"),
    cOverBAt1: ratio(at["1"], "b"),
    at,
  };
}

function ratio(each: Record<Contender, Summary> | undefined, under: Contender): number {
  return each ? round3(each.c.callsPerSecond / each[under].callsPerSecond) : Number.NaN;
}

/** The shards' own counters, before and after a volley; the two looks themselves are taken off. */
async function countObjectWork(
  on: Stage,
  shot: Shot,
): Promise<{ objectCallsPerCall: number; rowsWrittenPerCall: number }> {
  const before = await objectWork(on);
  const idle = await objectWork(on);
  const volley = await fire(shot, 16, volleyMs * 2);
  const after = await objectWork(on);
  const look = { calls: idle.calls - before.calls, rows: idle.rows - before.rows };
  return {
    objectCallsPerCall: round3((after.calls - idle.calls - look.calls) / volley.calls),
    rowsWrittenPerCall: round3((after.rows - idle.rows - look.rows) / volley.calls),
  };
}

async function objectWork(on: Stage): Promise<{ calls: number; rows: number }> {
  const status = await admin(on, "GET", "/status");
  const shards = status["shards"] as readonly { objectCalls: number; rowsWritten: number }[];
  return {
    calls: shards.reduce((sum, shard) => sum + shard.objectCalls, 0),
    rows: shards.reduce((sum, shard) => sum + shard.rowsWritten, 0),
  };
}

async function admin(on: Stage, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${on.gateway}${path}`, {
    method,
    headers: { authorization: `Bearer ${on.rootKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}
