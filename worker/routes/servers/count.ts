/** `GET /servers/count`: how many in all, per shard and per state. A silent shard's servers are counted, as `unknown`. */
import { z } from "zod";
import type { ShardCount } from "../../../core/contract/fleet-rpc.ts";
import { success } from "../../../core/contract/outcome.ts";
import { serverStates, type ServerState } from "../../../core/contract/server.ts";
import type { ShardStatus } from "../../../core/contract/shard-rpc.ts";
import { askFleet } from "../../objects.ts";
import { endpoint } from "../endpoint.ts";
import { askEveryShard, type ShardAnswer } from "../every-shard.ts";

const answerSchema = z
  .object({
    total: z.int(),
    shards: z.record(z.string(), z.int()).describe("Servers per shard, by the shard's number."),
    states: z
      .partialRecord(z.enum(serverStates), z.int())
      .describe("Servers per state; states without any are absent."),
  })
  .meta({ id: "ServerCount" });

export const countServers = endpoint({
  summary: "Count servers",
  tag: "Servers",
  answer: answerSchema,
  example: { answer: { total: 170, shards: { "1": 60, "2": 55, "3": 55 }, states: { ready: 170 } } },
  async handle({ house }) {
    const [asked, counted] = await Promise.all([
      askEveryShard(house, (shard) => shard.status()),
      askFleet(house.env, (fleet) => fleet.count()),
    ]);
    if (!asked.ok) return asked;
    const { answers } = asked.value;
    const count = counted.ok ? counted.value : countFrom(answers);
    const states = sumStates(answers);
    const told = Object.values(states).reduce((sum, servers) => sum + servers, 0);
    const untold = count.total - told;
    if (untold > 0) states.unknown = (states.unknown ?? 0) + untold;
    return success({ total: count.total, shards: { ...count.perShard }, states });
  },
});

export function sumStates(answers: readonly ShardAnswer<ShardStatus>[]): Partial<Record<ServerState, number>> {
  const states: Partial<Record<ServerState, number>> = {};
  for (const { answer } of answers) {
    if (!answer.ok) continue;
    for (const state of serverStates) {
      const servers = answer.value.states[state] ?? 0;
      if (servers > 0) states[state] = (states[state] ?? 0) + servers;
    }
  }
  return states;
}

/** With Fleet away the shards know as much. */
function countFrom(answers: readonly ShardAnswer<ShardStatus>[]): Pick<ShardCount, "total" | "perShard"> {
  const perShard = Object.fromEntries(
    answers.flatMap(({ shard, answer }) => (answer.ok ? [[String(shard), answer.value.servers]] : [])),
  );
  return { total: Object.values(perShard).reduce((sum, servers) => sum + servers, 0), perShard };
}
