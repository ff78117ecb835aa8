/**
 * How much Patchbay costs beside doing nothing: (a) a bare Worker that relays, (b) the same through a Durable Object,
 * (c) `POST /call` with key, limits and receipts, and `tools/call` at /mcp by a modern client and by a legacy one in a
 * session. `--lists` measures the first page of `tools/list` instead. One workerd, interleaved rounds, medians. Ratios
 * are what counts: absolute numbers are this machine's.
 */
import { parseArgs } from "node:util";
import { measureBridges } from "./bridges.ts";
import { admin, contenders, prepare, type Contender } from "./contenders.ts";
import { startFastServer } from "./fast-server.ts";
import { fire, type Shot, type Volley } from "./load.ts";
import { medianOf, round3, type Summary } from "./median.ts";
import { measureLists } from "./lists.ts";
import { measurePeers } from "./peers.ts";
import { printBridges, printLists, printReport } from "./report.ts";
import { openStage, type Stage } from "./stage.ts";

const connectionCounts = [1, 16] as const;

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    lists: { type: "boolean", default: false },
    bridges: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1.5" },
  },
});

const rounds = Math.max(5, Number(options.rounds));
const volleyMs = Number(options.seconds) * 1000;

if (options.bridges) await runBridges();
else if (options.lists) await runLists();
else await runRelays();

async function runRelays(): Promise<void> {
  const server = await startFastServer();
  const stage = await openStage(server.url);
  try {
    const shots = await prepare(stage, server);
    // Long enough for the optimising compiler: the contenders differ in how much there is to compile.
    for (const contender of contenders) await fire(shots[contender], 16, 3_000);
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
}

async function runLists(): Promise<void> {
  const figures = await measureLists(volleyMs, rounds);
  if (options.json) console.log(JSON.stringify(figures));
  else printLists(figures);
}

async function runBridges(): Promise<void> {
  const figures = await measureBridges(volleyMs, rounds);
  if (options.json) console.log(JSON.stringify(figures));
  else printBridges(figures);
}

export interface Figures {
  readonly cOverA: number;
  readonly cOverB: number;
  readonly cOverAAt1: number;
  readonly cOverBAt1: number;
  readonly modernOverA: number;
  readonly legacyOverA: number;
  readonly modernOverAAt1: number;
  readonly legacyOverAAt1: number;
  readonly objectCallsPerCall: number;
  readonly rowsWrittenPerCall: number;
  readonly residentMiB: number;
  readonly rounds: number;
  readonly at: Readonly<Record<string, Readonly<Record<Contender, Summary>>>>;
  readonly peers?: Readonly<Record<string, Summary>>;
  readonly cOverMcpHub?: number;
}

type Volleys = Record<string, Record<Contender, Volley[]>>;

/** Every round fires at all contenders, each round in another order, so that the machine's moods hit all alike. */
async function interleave(shots: Record<Contender, Shot>): Promise<Volleys> {
  const volleys: Volleys = {};
  for (const connections of connectionCounts) volleys[connections] = eachContender(() => []);
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
    at[connections] = eachContender((contender) => medianOf(each[contender]));
  }
  return {
    cOverA: ratio(at["16"], "c", "a"),
    cOverB: ratio(at["16"], "c", "b"),
    cOverAAt1: ratio(at["1"], "c", "a"),
    cOverBAt1: ratio(at["1"], "c", "b"),
    modernOverA: ratio(at["16"], "modern", "a"),
    legacyOverA: ratio(at["16"], "legacy", "a"),
    modernOverAAt1: ratio(at["1"], "modern", "a"),
    legacyOverAAt1: ratio(at["1"], "legacy", "a"),
    at,
  };
}

function eachContender<T>(make: (contender: Contender) => T): Record<Contender, T> {
  const [a, b, c, modern, legacy] = [make("a"), make("b"), make("c"), make("modern"), make("legacy")];
  return { a, b, c, modern, legacy };
}

function ratio(each: Record<Contender, Summary> | undefined, over: Contender, under: Contender): number {
  return each ? round3(each[over].callsPerSecond / each[under].callsPerSecond) : Number.NaN;
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
