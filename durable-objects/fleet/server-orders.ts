/**
 * What administrators do to servers. Each waits its turn, moves what must make room, writes, then tells the shards.
 * A server whose new shard does not answer stays where it is: its shard is then above its share until the next change,
 * which is better than a refused registration or a server that nobody holds.
 */
import type { Actor, PlacedServer } from "../../core/contract/fleet-rpc.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { ServerRecord } from "../../core/contract/server.ts";
import { nearest } from "../../core/policies/names.ts";
import { planPlacement } from "../../core/policies/placement.ts";
import type { Change } from "./audit.ts";
import { changedFields, outlineOf } from "./audit-detail.ts";
import type { Desk } from "./desk.ts";
import { carry, movesBetween, receiversOf, type Carried } from "./moving.ts";
import type { Debt } from "./outbox.ts";
import { changedSince, overtaken } from "./overtaken.ts";

export function registerServers(
  desk: Desk,
  records: readonly ServerRecord[],
  actor: Actor,
): Promise<Outcome<readonly PlacedServer[]>> {
  return desk.turns.take(async () => {
    const ids = records.map((record) => record.id);
    const taken = desk.servers.firstTaken(ids);
    if (taken !== undefined) return failure({ code: "already_exists", what: "server", id: taken });
    const current = desk.servers.assignment();
    const plan = planPlacement(current, [...current.keys(), ...ids], desk.placement.map().shards);
    const carried = await carry(desk, movesBetween(current, plan));
    const placed = records.map((record) => ({ record, shard: plan.get(record.id) ?? 1 }));
    await desk.commit(
      actor,
      (at) => {
        for (const { record, shard } of placed) desk.servers.insert(record, shard);
        return {
          audit: [
            ...placed.map(({ record, shard }) => lineOf("server.register", record.id, { shard, ...outlineOf(record) })),
            ...moveLines(carried),
          ],
          debts: [
            ...placed.map(({ record, shard }) => desk.outbox.owe(shard, "server", record.id, at)),
            ...settleMap(desk, carried, desk.placement.map().shards, at),
          ],
        };
      },
      receiversOf(carried.moved),
    );
    return success(placed);
  });
}

export function replaceServer(
  desk: Desk,
  record: ServerRecord,
  actor: Actor,
  seen?: ServerRecord,
): Promise<Outcome<PlacedServer>> {
  return desk.turns.take(async () => {
    const found = findServer(desk, record.id);
    if (!found.ok) return found;
    const { record: before, shard } = found.value;
    if (seen && changedSince(before, seen)) return overtaken();
    await desk.commit(actor, (at) => {
      desk.servers.replace(record);
      if (record.disabled) desk.alerting.serverGone(record.id, at);
      return {
        audit: [lineOf("server.update", record.id, changedFields(before, record))],
        debts: [desk.outbox.owe(shard, "server", record.id, at)],
      };
    });
    return success({ record, shard });
  });
}

export function deleteServer(desk: Desk, id: string, actor: Actor): Promise<Outcome<PlacedServer>> {
  return desk.turns.take(async () => {
    const found = findServer(desk, id);
    if (!found.ok) return found;
    const current = desk.servers.assignment();
    current.delete(id);
    const plan = planPlacement(current, [...current.keys()], desk.placement.map().shards);
    const carried = await carry(desk, movesBetween(current, plan));
    await desk.commit(
      actor,
      (at) => {
        desk.servers.delete(id);
        desk.alerting.serverGone(id, at);
        return {
          audit: [lineOf("server.delete", id, { shard: found.value.shard }), ...moveLines(carried)],
          debts: [
            desk.outbox.owe(found.value.shard, "server", id, at),
            ...settleMap(desk, carried, desk.placement.map().shards, at),
          ],
        };
      },
      receiversOf(carried.moved),
    );
    return found;
  });
}

export function findServer(desk: Desk, id: string): Outcome<PlacedServer> {
  const placed = desk.servers.find(id);
  return placed
    ? success(placed)
    : failure({ code: "unknown_server", server: id, nearest: nearest(id, desk.servers.ids()) });
}

/** Writes down who owns what now; owes the map to every shard when it says anything new. */
export function settleMap(
  desk: Desk,
  { moved, debts }: Carried,
  shards: readonly number[],
  at: number,
): readonly Debt[] {
  for (const { server, to } of moved) desk.servers.assign(server, to);
  const toTell = desk.placement.settle(desk.servers.assignment(), shards);
  return [...debts, ...toTell.map((shard) => desk.outbox.owe(shard, "map", "", at))];
}

function moveLines({ moved }: Carried): readonly Change[] {
  return moved.map(({ server, from, to }) => lineOf("server.move", server, { from, to }));
}

function lineOf(action: string, target: string, detail: Change["detail"]): Change {
  return { action, target, detail };
}
