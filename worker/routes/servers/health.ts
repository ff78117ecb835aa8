/** What the shards say of servers: one question to each shard concerned, side by side. */
import type { PlacedServer } from "../../../core/contract/fleet-rpc.ts";
import type { Failure } from "../../../core/contract/failure.ts";
import type { House } from "../../house.ts";
import { askShards } from "../every-shard.ts";
import type { Health } from "./view.ts";

export type HealthOf = (server: PlacedServer) => Health;

export async function askHealth(house: House, servers: readonly PlacedServer[]): Promise<HealthOf> {
  const idsOf = Map.groupBy(servers, ({ shard }) => shard);
  const answers = await askShards(house, [...idsOf.keys()], (stub, shard) =>
    stub.health((idsOf.get(shard) ?? []).map(({ record }) => record.id)),
  );
  const silent = new Map(answers.flatMap(({ shard, answer }) => (answer.ok ? [] : [[shard, answer.failure] as const])));
  const known = new Map(answers.flatMap(({ answer }) => (answer.ok ? answer.value : [])).map((one) => [one.id, one]));
  return ({ record, shard }) => {
    const failure = silent.get(shard);
    if (failure) return silence(shard, failure);
    return known.get(record.id) ?? { unknown: `Shard ${shard} has not heard of it yet.` };
  };
}

export function silence(shard: number, failure: Failure): Health {
  return { unknown: failure.code === "overloaded" ? `Shard ${shard} is too busy.` : `Shard ${shard} does not answer.` };
}
