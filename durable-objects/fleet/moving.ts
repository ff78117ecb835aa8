/**
 * Carries servers to new owners before any map names them: the old owner keeps answering until it is told of the new
 * map, the new one can answer by then, so no call fails in between. A copy at an owner that never came to be is taken
 * back by the outbox.
 */
import type { ServerParcel } from "../../core/contract/shard-rpc.ts";
import { chunksOf } from "./chunks.ts";
import type { Desk } from "./desk.ts";
import type { Debt } from "./outbox.ts";

export interface Move {
  readonly server: string;
  readonly from: number;
  readonly to: number;
}

/** Parcels pass through this object's memory: so many servers, with their catalogs, on so many lanes at once. */
const mostPerParcel = 25;
const lanes = 2;
const parcelMs = 10_000;

export function movesBetween(current: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): Move[] {
  return [...current].flatMap(([server, from]) => {
    const to = wanted.get(server);
    return to === undefined || to === from ? [] : [{ server, from, to }];
  });
}

export function receiversOf(moves: readonly Move[]): ReadonlySet<number> {
  return new Set(moves.map((move) => move.to));
}

export interface Carried {
  /** The moves that came about; those to a shard that does not answer did not. */
  readonly moved: readonly Move[];
  /** News of every server for the shard it was meant for: paid after the change, it takes back what did not come about. */
  readonly debts: readonly Debt[];
}

export async function carry(desk: Desk, moves: readonly Move[]): Promise<Carried> {
  // Written first, so that a crash half-way leaves no copies behind: by the rows as they then are, the shard is told
  // either that the server is its own or that it is not.
  const debts = await desk.promise((at) => moves.map(({ server, to }) => desk.outbox.owe(to, "server", server, at)));
  const mute = new Set<number>();
  const waiting = [...Map.groupBy(moves, ({ from, to }) => `${from}>${to}`).values()].flatMap((pair) =>
    chunksOf(pair, mostPerParcel),
  );
  const moved: Move[] = [];
  const runLane = async (): Promise<void> => {
    for (let chunk = waiting.shift(); chunk; chunk = waiting.shift()) {
      if (await carryChunk(desk, chunk, mute)) moved.push(...chunk);
    }
  };
  await Promise.all(Array.from({ length: lanes }, runLane));
  return { moved, debts };
}

/** All of one chunk goes from one shard to one other. False when the receiver does not answer. */
async function carryChunk(desk: Desk, chunk: readonly Move[], mute: Set<number>): Promise<boolean> {
  const [first] = chunk;
  if (!first || mute.has(first.to)) return false;
  const parcels = await handOver(desk, chunk, first.from, mute);
  if (parcels === "too much") {
    const half = Math.ceil(chunk.length / 2);
    const [front, back] = [chunk.slice(0, half), chunk.slice(half)];
    return (await carryChunk(desk, front, mute)) && (await carryChunk(desk, back, mute));
  }
  const packed = new Set(parcels.map(({ record }) => record.id));
  // What was not handed over starts anew from its record: the new owner connects and lists by itself.
  const bare = chunk.flatMap(({ server }) => (packed.has(server) ? [] : (desk.servers.find(server)?.record ?? [])));
  try {
    if (parcels.length > 0) await desk.callShard(first.to, parcelMs, (stub) => stub.takeOver(parcels));
    if (bare.length > 0) await desk.callShard(first.to, parcelMs, (stub) => stub.own(bare));
    return true;
  } catch (error) {
    console.warn(`shard ${first.to} cannot take servers over: ${String(error)}`);
    mute.add(first.to);
    return false;
  }
}

/** Catalogs travel in parcels, so a chunk may be more than an RPC carries: a shard that answers is asked for less. */
async function handOver(
  desk: Desk,
  chunk: readonly Move[],
  from: number,
  mute: Set<number>,
): Promise<readonly ServerParcel[] | "too much"> {
  if (mute.has(from)) return [];
  try {
    return await desk.callShard(from, parcelMs, (stub) => stub.handOver(chunk.map(({ server }) => server)));
  } catch (error) {
    console.warn(`shard ${from} cannot hand servers over: ${String(error)}`);
    if (await answers(desk, from)) return chunk.length > 1 ? "too much" : [];
    mute.add(from);
    return [];
  }
}

async function answers(desk: Desk, shard: number): Promise<boolean> {
  try {
    await desk.callShard(shard, parcelMs, (stub) => stub.map());
    return true;
  } catch {
    return false;
  }
}
