/** Asks the shard that owns something; when it says `moved`, refreshes the map and asks again, a few times at most. */
import type { Outcome } from "../../core/contract/outcome.ts";
import type { ShardMap } from "../../core/contract/shard-map.ts";
import type { House } from "../house.ts";
import { askShard, flat, type Shard } from "../objects.ts";
import { refreshShardMap, shardMap } from "./shard-map.ts";

const rounds = 3;
const pauseMs = 50;

export interface Owned<T> {
  readonly value: T;
  readonly shard: number;
}

export async function askOwner<T>(
  house: House,
  owner: (map: ShardMap) => number,
  question: (stub: Shard, revision: number) => Promise<Outcome<T>>,
): Promise<Outcome<Owned<T>>> {
  let map = await shardMap(house);
  for (let round = 1; ; round += 1) {
    if (!map.ok) return map;
    const { revision } = map.value;
    const shard = owner(map.value);
    const answer = flat(await askShard(house.env, shard, (stub) => question(stub, revision)));
    if (answer.ok) return { ok: true, value: { value: answer.value, shard } };
    if (answer.failure.code !== "moved" || round === rounds) return answer;
    // The shard may know a map that Fleet is about to publish: leave it a moment after the first try.
    if (round > 1) await scheduler.wait(pauseMs);
    map = await refreshShardMap(house);
  }
}
