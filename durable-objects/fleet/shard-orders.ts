/** What administrators do to the shards as a whole: how many there are, and the limit of keys that name none. */
import type { Actor, Resharding } from "../../core/contract/fleet-rpc.ts";
import type { Limit } from "../../core/contract/limit.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { planPlacement } from "../../core/policies/placement.ts";
import type { Desk } from "./desk.ts";
import type { Debt } from "./outbox.ts";
import { carry, movesBetween, receiversOf, type Carried, type Move } from "./moving.ts";
import { countOf } from "./placement.ts";
import { mostShards, numbersUpTo } from "./schema.ts";
import { settleMap } from "./server-orders.ts";

/** On first use: shards learn where they belong before anyone asks them for something. */
export function greetShards(desk: Desk): Promise<void> {
  return desk.turns.take(async () => desk.publisher.deliver(await desk.promise((at) => oweMap(desk, at))));
}

/**
 * All or nothing: when a shard that should receive servers does not answer, the fleet stays as it is. Asked for the
 * number there already is, it rebalances.
 */
export async function setShards(desk: Desk, count: number, actor: Actor): Promise<Outcome<Resharding>> {
  if (!Number.isInteger(count) || count < 1 || count > mostShards) {
    const message = `must be a whole number from 1 to ${mostShards}`;
    return failure({ code: "invalid_fields", fields: [{ path: "/count", message }] });
  }
  return desk.turns.take(async () => {
    const before = desk.placement.map().shards;
    const shards = numbersUpTo(count);
    const current = desk.servers.assignment();
    const moves = movesBetween(current, planPlacement(current, [...current.keys()], shards));
    const carried = await carry(desk, moves);
    if (carried.moved.length < moves.length) return takeBack(desk, moves, carried);
    const detail = { from: before.length, to: count, moved: moves.length };
    await desk.commit(
      actor,
      (at) => ({
        audit: [{ action: "shards.set", target: String(count), detail }],
        debts: settleMap(desk, carried, shards, at),
      }),
      receiversOf(moves),
    );
    return success({ ...countOf(shards, desk.servers.perShard()), moved: moves.length });
  });
}

/** The rows still say what they said, so the receivers are told that the servers are not theirs. */
async function takeBack(desk: Desk, moves: readonly Move[], { moved, debts }: Carried): Promise<Outcome<never>> {
  await desk.publisher.deliver(debts);
  const arrived = new Set(moved);
  const stuck = moves.find((move) => !arrived.has(move));
  return failure({ code: "shard_unavailable", shard: stuck?.to ?? 0 });
}

export function setDefaultLimit(desk: Desk, limit: Limit | null, actor: Actor): Promise<void> {
  return desk.turns.take(() =>
    desk.commit(actor, (at) => {
      const before = desk.placement.defaultLimit();
      desk.placement.setDefaultLimit(limit);
      return {
        audit: [{ action: "limit.set", target: "default", detail: { from: before, to: limit } }],
        debts: oweMap(desk, at),
      };
    }),
  );
}

function oweMap(desk: Desk, at: number): readonly Debt[] {
  return desk.placement.map().shards.map((shard) => desk.outbox.owe(shard, "map", "", at));
}
