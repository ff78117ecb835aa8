/**
 * Notices that a list has changed, by comparing the shards' stamps every two seconds. All listeners of an isolate share
 * what is asked, so a thousand of them cost as many questions as one.
 */
import type { Stamps } from "../../../core/contract/conversation.ts";
import { ownerOf } from "../../../core/policies/placement.ts";
import { hashText } from "../../../core/policies/stable-hash.ts";
import type { House } from "../../house.ts";
import { shardMap } from "../../leases/shard-map.ts";
import { toolsetOf } from "../../leases/toolsets.ts";
import { askShards } from "../../routes/every-shard.ts";
import { offeringName } from "../offering.ts";
import type { Offering } from "../rpc-call.ts";
import { isExpected } from "./hearsay.ts";

export const lists = ["tools", "prompts", "resources"] as const;
export type List = (typeof lists)[number];

/** A text per list, in the order of `lists`: another one when the list is another. */
export type ListStamps = readonly string[];

const lookEveryMs = 2_000;
/** While a change is on its way. */
const eagerMs = 400;

export function lookAgainInMs(offering: Offering): number {
  return isExpected(offering.is === "server" ? offering.server : undefined) ? eagerMs : lookEveryMs;
}

interface Look {
  at: number;
  /** By shard; that of one which is silent is what it was. */
  byShard: ReadonlyMap<number, Stamps>;
}

const looks = new Map<string, Look>();
const mostLooks = 2_000;

/** For who begins to listen: what changed before is no news. */
export function freshStampsOf(house: House, offering: Offering): Promise<ListStamps> {
  return stampsOf(house, offering, 0);
}

/** `oldestMs`: how old the answer may be. */
export async function stampsOf(
  house: House,
  offering: Offering,
  oldestMs = lookAgainInMs(offering) - 100,
): Promise<ListStamps> {
  const byShard = await look(house, offering, oldestMs);
  const toolset = offering.is === "toolset" ? await toolsetOf(house, offering.toolset) : undefined;
  const version = toolset?.ok ? toolset.value.updatedAt : 0;
  return lists.map((list) => {
    const counts = [...byShard].map(([shard, stamps]) => `${shard}:${stamps[list]}`);
    return hashText(`${version} ${counts.join(" ")}`).toString(36);
  });
}

/** The lists in which `after` differs from `before`. */
export function changedLists(before: ListStamps, after: ListStamps): List[] {
  return lists.filter((_, index) => before[index] !== after[index]);
}

async function look(house: House, offering: Offering, oldestMs: number): Promise<ReadonlyMap<number, Stamps>> {
  const server = offering.is === "server" ? offering.server : undefined;
  // A toolset's is that of all servers: what it leaves out makes listeners look once too often.
  const name = server === undefined ? "everything" : offeringName(offering);
  const now = Date.now();
  const known = looks.get(name);
  // Whoever comes while another asks goes by what was known before.
  if (known && now - known.at < oldestMs) return known.byShard;
  if (known) known.at = now;
  const map = await shardMap(house);
  if (!map.ok) return known?.byShard ?? new Map();
  const shards = server === undefined ? map.value.shards : [ownerOf(map.value, server)];
  const answers = await askShards(house, shards, (shard) => shard.stamps(server));
  const byShard = new Map<number, Stamps>();
  for (const { shard, answer } of answers) {
    const stamps = answer.ok ? answer.value : known?.byShard.get(shard);
    if (stamps) byShard.set(shard, stamps);
  }
  looks.delete(name);
  if (looks.size >= mostLooks) looks.delete(looks.keys().next().value ?? "");
  looks.set(name, { at: now, byShard });
  return byShard;
}
