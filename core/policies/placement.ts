/**
 * Which shard owns a server and which is home to a key: rendezvous hashing, so that a Worker finds
 * both without asking, and bounded load for servers, so that no shard carries much more than its share.
 */
import type { ShardMap } from "../contract/shard-map.ts";
import { hashText, mixBits } from "./stable-hash.ts";

export function shardName(shard: number): string {
  return `shard:${shard}`;
}

export function ownerOf(map: ShardMap, serverId: string): number {
  // `hasOwn`, since a server may be called `constructor`.
  const override = Object.hasOwn(map.overrides, serverId) ? map.overrides[serverId] : undefined;
  return override ?? favourite(map.shards, serverId);
}

export function homeOf(shards: readonly number[], keyId: string): number {
  return favourite(shards, keyId);
}

/** A new assignment of all `servers`: none moves unless its shard is gone or too full, and none twice. */
export function planPlacement(
  current: ReadonlyMap<string, number>,
  servers: readonly string[],
  shards: readonly number[],
): Map<string, number> {
  const ids = [...new Set(servers)].sort();
  const room = new Map(shards.map((shard) => [shard, capacity(ids.length, shards.length)]));
  const plan = new Map<string, number>();
  const place = (id: string, shard: number | undefined): boolean => {
    const free = shard === undefined ? 0 : (room.get(shard) ?? 0);
    if (shard === undefined || free === 0) return false;
    room.set(shard, free - 1);
    plan.set(id, shard);
    return true;
  };

  // Those who belong where they are stay first, so an over-full shard sheds its overrides before them.
  const wishes = new Map(ids.map((id) => [id, preferences(shards, id)]));
  const distance = (id: string): number => wishes.get(id)?.indexOf(current.get(id) ?? -1) ?? -1;
  let homeless = ids.toSorted((a, b) => distance(a) - distance(b)).filter((id) => !place(id, current.get(id)));

  // All first wishes before any second wish: as few overrides as the room allows.
  for (let wish = 0; wish < shards.length; wish++) {
    homeless = homeless.filter((id) => !place(id, wishes.get(id)?.[wish]));
  }
  return plan;
}

/** The servers that do not live where the hash says: the part of an assignment that must be published. */
export function overridesOf(
  assignment: ReadonlyMap<string, number>,
  shards: readonly number[],
): Record<string, number> {
  return Object.fromEntries([...assignment].filter(([id, shard]) => favourite(shards, id) !== shard));
}

/**
 * 102 % of the mean, or the mean itself rounded up where that is more. Together always room for all. So little slack
 * costs a few overrides more than the 110 % that are promised, and leaves a fleet of 170 as even as it can be.
 */
function capacity(servers: number, shards: number): number {
  return Math.max(Math.ceil(servers / shards), Math.floor((servers * 51) / (shards * 50)));
}

function favourite(shards: readonly number[], id: string): number {
  const hash = hashText(id);
  let best: number | undefined;
  let bestWeight = -1;
  for (const shard of shards) {
    const weight = weigh(hash, shard);
    if (weight <= bestWeight) continue;
    best = shard;
    bestWeight = weight;
  }
  if (best === undefined) throw new Error("a fleet has at least one shard");
  return best;
}

/** All shards, the heaviest for this id first. */
function preferences(shards: readonly number[], id: string): number[] {
  const hash = hashText(id);
  return shards.toSorted((a, b) => weigh(hash, b) - weigh(hash, a));
}

/** Bijective in `hash` and in `shard`, so two shards never weigh the same for one id. */
function weigh(hash: number, shard: number): number {
  return mixBits(hash ^ Math.imul(shard, 0x9e3779b1));
}
