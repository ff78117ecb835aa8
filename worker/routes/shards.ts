/** `/shards`: the proxies, their servers and their load; how many there are. */
import { z } from "zod";
import { failure, success } from "../../core/contract/outcome.ts";
import { nearest } from "../../core/policies/names.ts";
import { refreshShardMap } from "../leases/shard-map.ts";
import { askFleet, flat } from "../objects.ts";
import { actorOf } from "./actor.ts";
import { endpoint } from "./endpoint.ts";
import { askEveryShard, askShards } from "./every-shard.ts";
import { exampleShard, shardSchema, viewShard } from "./shard-view.ts";

const most = 256;

export const listShards = endpoint({
  summary: "List shards",
  tag: "Shards",
  answer: z.object({ shards: z.array(shardSchema) }).meta({ id: "ShardList" }),
  example: { answer: { shards: [exampleShard] } },
  async handle({ house }) {
    const [asked, counted] = await Promise.all([
      askEveryShard(house, (shard) => shard.status()),
      askFleet(house.env, (fleet) => fleet.count()),
    ]);
    if (!asked.ok) return asked;
    const perShard = counted.ok ? counted.value.perShard : {};
    const now = Date.now();
    return success({
      shards: asked.value.answers.map((answer) => viewShard(answer, perShard[answer.shard] ?? 0, now)),
    });
  },
});

export const showShard = endpoint({
  summary: "Show a shard",
  description: "Its servers: `GET /servers?shard={shard}`.",
  tag: "Shards",
  params: z.object({ shard: z.string().min(1).max(16).describe("The shard's number.") }),
  answer: shardSchema,
  example: { answer: exampleShard },
  async handle({ house, params }) {
    const map = await refreshShardMap(house);
    if (!map.ok) return map;
    const { shards } = map.value;
    const number = shards.find((shard) => String(shard) === params.shard);
    if (number === undefined) {
      return failure({ code: "unknown_shard", shard: params.shard, nearest: nearestShards(params.shard, shards) });
    }
    const [[answer], counted] = await Promise.all([
      askShards(house, [number], (shard) => shard.status()),
      askFleet(house.env, (fleet) => fleet.count()),
    ]);
    const servers = counted.ok ? (counted.value.perShard[number] ?? 0) : 0;
    return answer
      ? success(viewShard(answer, servers, Date.now()))
      : failure({ code: "shard_unavailable", shard: number });
  },
});

export const setShards = endpoint({
  summary: "Set the number of shards",
  description:
    "Moves as few servers as the new number allows, while calls go on. Asked for the number there already is, it rebalances.",
  tag: "Shards",
  body: z
    .strictObject({ count: z.int().min(1).max(most).describe("How many shards there shall be.") })
    .meta({ id: "ShardsInput" }),
  answer: z
    .object({
      count: z.int(),
      total: z.int().describe("Servers in all."),
      shards: z.record(z.string(), z.int()).describe("Servers per shard, by the shard's number."),
      moved: z.int().describe("Servers that have a new shard."),
    })
    .meta({ id: "Resharding" }),
  example: {
    body: { count: 4 },
    answer: { count: 4, total: 170, shards: { "1": 43, "2": 43, "3": 42, "4": 42 }, moved: 42 },
  },
  async handle({ house, caller, body }) {
    const actor = actorOf({ caller, house });
    const set = flat(await askFleet(house.env, (fleet) => fleet.setShards(body.count, actor)));
    if (!set.ok) return set;
    await refreshShardMap(house);
    const { shards, total, perShard, moved } = set.value;
    return success({ count: shards.length, total, shards: { ...perShard }, moved });
  },
});

/** By their numbers when it is a number, by their letters else. */
export function nearestShards(word: string, shards: readonly number[]): string[] {
  const number = Number(word.replace(/^shard[:\s-]?/i, ""));
  if (!Number.isFinite(number)) return nearest(word, shards.map(String));
  return shards
    .toSorted((a, b) => Math.abs(a - number) - Math.abs(b - number))
    .slice(0, 3)
    .map(String);
}
