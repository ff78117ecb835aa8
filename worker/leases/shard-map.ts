/**
 * The isolate's copy of the shard map. Stale is harmless: a shard that does not own what it is asked for answers `moved`.
 * With Fleet away, any shard's copy serves.
 */
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { ShardMap } from "../../core/contract/shard-map.ts";
import type { House } from "../house.ts";
import { askFleet, askShard } from "../objects.ts";

const refreshAfterMs = 30_000;

let known: ShardMap | undefined;
let askedAt = 0;

export async function shardMap(house: House): Promise<Outcome<ShardMap>> {
  if (!known) return refreshShardMap(house);
  if (Date.now() - askedAt > refreshAfterMs) {
    askedAt = Date.now();
    house.waitUntil(refreshShardMap(house));
  }
  return success(known);
}

export async function refreshShardMap(house: House): Promise<Outcome<ShardMap>> {
  askedAt = Date.now();
  const fresh = await askFleet(house.env, (fleet) => fleet.map());
  if (fresh.ok) return success(adopt(fresh.value));
  if (known) return success(known);
  const copy = await askShard(house.env, 1, (shard) => shard.map());
  return copy.ok && copy.value.revision > 0 ? success(adopt(copy.value)) : failure({ code: "fleet_unavailable" });
}

function adopt(map: ShardMap): ShardMap {
  if (!known || map.revision >= known.revision) known = map;
  return known;
}
