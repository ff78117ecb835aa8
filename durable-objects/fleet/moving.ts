/**
 * Carries servers to new owners before any map names them: the old owner keeps answering until it is told of the new
 * map, the new one can answer by then, so no call fails in between. A copy at an owner that never came to be is
 * dropped when that shard is next told the map.
 */
import type { Desk } from "./desk.ts";
import { chunksOf } from "./chunks.ts";

export interface Move {
  readonly server: string;
  readonly from: number;
  readonly to: number;
}

const mostPerParcel = 50;
const parcelMs = 10_000;
const lanes = 4;

export function movesBetween(current: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): Move[] {
  return [...current].flatMap(([server, from]) => {
    const to = wanted.get(server);
    return to === undefined || to === from ? [] : [{ server, from, to }];
  });
}

export function receiversOf(moves: readonly Move[]): ReadonlySet<number> {
  return new Set(moves.map((move) => move.to));
}

/** Answers the moves that came about; those to a shard that does not answer did not. */
export async function carry(desk: Desk, moves: readonly Move[]): Promise<readonly Move[]> {
  if (moves.length === 0) return [];
  // Should this object die half-way, the alarm tells the receivers the map as it is, and they drop what they were given.
  await desk.promise((at) => [...receiversOf(moves)].map((to) => desk.outbox.owe(to, "map", "", at)));
  const mute = new Set<number>();
  const waiting = [...Map.groupBy(moves, ({ from, to }) => `${from}>${to}`).values()].flatMap((pair) =>
    chunksOf(pair, mostPerParcel),
  );
  const carried: Move[] = [];
  const runLane = async (): Promise<void> => {
    for (let chunk = waiting.shift(); chunk; chunk = waiting.shift()) {
      if (await carryChunk(desk, chunk, mute)) carried.push(...chunk);
    }
  };
  await Promise.all(Array.from({ length: lanes }, runLane));
  return carried;
}

/** All of one chunk goes from one shard to one other. */
async function carryChunk(desk: Desk, chunk: readonly Move[], mute: Set<number>): Promise<boolean> {
  const [first] = chunk;
  if (!first || mute.has(first.to)) return false;
  const parcels = mute.has(first.from) ? [] : await handOver(desk, chunk, first.from, mute);
  const packed = new Set(parcels.map((parcel) => parcel.record.id));
  // What the old owner cannot hand over starts anew from the record: it is found out again, nothing is lost for good.
  const bare = chunk.flatMap(({ server }) => {
    const placed = packed.has(server) ? undefined : desk.servers.find(server);
    return placed ? [placed.record] : [];
  });
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

async function handOver(desk: Desk, chunk: readonly Move[], from: number, mute: Set<number>) {
  try {
    return await desk.callShard(from, parcelMs, (stub) => stub.handOver(chunk.map(({ server }) => server)));
  } catch (error) {
    console.warn(`shard ${from} cannot hand servers over: ${String(error)}`);
    mute.add(from);
    return [];
  }
}
