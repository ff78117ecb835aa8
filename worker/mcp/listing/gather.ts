/** Asks the shards what their servers offer. One that does not answer is left out and named; it delays nobody for long. */
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import { ownerOf } from "../../../core/policies/placement.ts";
import type { House } from "../../house.ts";
import { askOwner } from "../../leases/ask-owner.ts";
import { flat, type Shard } from "../../objects.ts";
import { askEveryShard } from "../../routes/every-shard.ts";

export interface Gathered<T> {
  readonly items: readonly T[];
  /** Shards of which nothing is known at present. */
  readonly silent: readonly string[];
}

/** `server`: of this server only. */
export async function gather<T>(
  house: House,
  server: string | undefined,
  question: (shard: Shard) => Promise<Outcome<readonly T[]>>,
): Promise<Outcome<Gathered<T>>> {
  if (server !== undefined) {
    const asked = await askOwner(house, (map) => ownerOf(map, server), question);
    return asked.ok ? success({ items: asked.value.value, silent: [] }) : asked;
  }
  const asked = await askEveryShard(house, question);
  if (!asked.ok) return asked;
  const answers = asked.value.answers.map(({ shard, answer }) => ({ shard, answer: flat(answer) }));
  return success({
    items: answers.flatMap(({ answer }) => (answer.ok ? answer.value : [])),
    silent: answers.flatMap(({ shard, answer }) => (answer.ok ? [] : [`shard ${shard}`])),
  });
}
