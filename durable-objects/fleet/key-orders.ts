/**
 * What administrators do to keys. They take no turns: a revocation must not wait behind servers on the move. Shards
 * fetch a key they do not know, so only a change to a known one is pushed, to where the key lives and where it lived.
 */
import type { Actor } from "../../core/contract/fleet-rpc.ts";
import type { KeyRecord } from "../../core/contract/key.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { changedFields } from "./audit-detail.ts";
import type { Desk } from "./desk.ts";
import { changedSince, overtaken, staysRevoked } from "./overtaken.ts";
import { mayHave } from "./toolset-orders.ts";

export async function createKey(desk: Desk, record: KeyRecord, actor: Actor): Promise<Outcome<KeyRecord>> {
  if (desk.keys.find(record.id)) return failure({ code: "already_exists", what: "key", id: record.id });
  const fitting = mayHave(desk, record.toolset);
  if (!fitting.ok) return fitting;
  const { name, scopes, tools, toolset, limit, serverLimits, expiresAt } = record;
  await desk.commit(actor, (at) => {
    desk.keys.insert(record);
    desk.alerting.keysChanged(at);
    return {
      audit: [
        {
          action: "key.create",
          target: record.id,
          detail: { name, scopes, tools, toolset, limit, serverLimits, expiresAt },
        },
      ],
      debts: [],
    };
  });
  return success(record);
}

/** Answers after the key's shards know, or after two seconds without an answer: a home out of reach admits nobody. */
export async function replaceKey(
  desk: Desk,
  record: KeyRecord,
  action: string,
  actor: Actor,
  seen?: KeyRecord,
): Promise<Outcome<KeyRecord>> {
  const before = desk.keys.find(record.id);
  if (!before) return failure({ code: "unknown_key", id: record.id });
  if (seen && changedSince(before, seen)) return overtaken();
  if (before.revokedAt !== undefined && record.revokedAt === undefined) return staysRevoked();
  if (record.toolset !== before.toolset) {
    const fitting = mayHave(desk, record.toolset);
    if (!fitting.ok) return fitting;
  }
  await desk.commit(actor, (at) => {
    desk.keys.replace(record);
    desk.alerting.keysChanged(at);
    return {
      audit: [{ action, target: record.id, detail: changedFields(before, record) }],
      debts: [...shardsKnowing(desk, record.id)].map((shard) => desk.outbox.owe(shard, "key", record.id, at)),
    };
  });
  return success(record);
}

/** Where the key lives and where it lived; and a shard behind on its map may still take itself for the home. */
function shardsKnowing(desk: Desk, id: string): ReadonlySet<number> {
  return new Set([...desk.placement.homesOf(id), ...desk.outbox.shardsBehind()]);
}

export function findKey(desk: Desk, id: string): Outcome<KeyRecord> {
  const record = desk.keys.find(id);
  return record ? success(record) : failure({ code: "unknown_key", id });
}
