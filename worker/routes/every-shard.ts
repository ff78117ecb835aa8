/** One question to every shard, side by side. A shard that is silent for too long counts as not answering. */
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { ShardMap } from "../../core/contract/shard-map.ts";
import type { House } from "../house.ts";
import { shardMap } from "../leases/shard-map.ts";
import { askShard, type Shard } from "../objects.ts";

const patienceMs = 3_000;

export interface ShardAnswer<T> {
  readonly shard: number;
  readonly answer: Outcome<T>;
}

export interface FleetAnswers<T> {
  readonly map: ShardMap;
  readonly answers: readonly ShardAnswer<T>[];
}

export async function askEveryShard<T>(
  house: House,
  question: (stub: Shard, shard: number) => Promise<T>,
): Promise<Outcome<FleetAnswers<Awaited<T>>>> {
  const map = await shardMap(house);
  if (!map.ok) return map;
  return success({ map: map.value, answers: await askShards(house, map.value.shards, question) });
}

export function askShards<T>(
  house: House,
  shards: readonly number[],
  question: (stub: Shard, shard: number) => Promise<T>,
): Promise<ShardAnswer<Awaited<T>>[]> {
  return Promise.all(
    shards.map(async (shard) => ({ shard, answer: await askPatiently(house, shard, (stub) => question(stub, shard)) })),
  );
}

async function askPatiently<T>(
  house: House,
  shard: number,
  question: (stub: Shard) => Promise<T>,
): Promise<Outcome<Awaited<T>>> {
  // A timer, since an aborted wait costs more than the question itself.
  const late = Promise.withResolvers<Outcome<never>>();
  const timer = setTimeout(() => late.resolve(failure({ code: "shard_unavailable", shard })), patienceMs);
  const answer = await Promise.race([askShard(house.env, shard, question), late.promise]);
  clearTimeout(timer);
  return answer;
}
