/** Pages of prompts, resources and templates, merged from the shards in one order: (name, server). */
import { z } from "zod";
import type { EntryQuery, ListedEntry } from "../../../core/contract/conversation.ts";
import { compareText } from "../../../core/policies/text-order.ts";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import type { Shard } from "../../objects.ts";
import { mayUse } from "../offering.ts";
import type { RpcCall } from "../rpc-call.ts";
import { gather } from "./gather.ts";

export const entryPlace = z.object({ name: z.string(), server: z.string() });
export type EntryPlace = z.infer<typeof entryPlace>;

const perPage = 200;
/** Rows that the caller may not see are passed over; so many rounds at most, then the page is short. */
const rounds = 5;

export interface EntryPage {
  readonly entries: readonly ListedEntry[];
  readonly next?: EntryPlace;
  readonly silent: readonly string[];
}

export async function entryPage(
  call: RpcCall,
  what: EntryQuery["what"],
  after: EntryPlace | undefined,
  wanted: (entry: ListedEntry) => boolean,
): Promise<Outcome<EntryPage>> {
  const { house, offering, caller } = call;
  const server = offering.is === "server" ? offering.server : undefined;
  const entries: ListedEntry[] = [];
  let place = after;
  for (let round = 1; ; round += 1) {
    const from = place;
    const gathered = await gather(house, server, (shard) => askEntries(shard, what, server, from));
    if (!gathered.ok) return gathered;
    const { items, silent } = gathered.value;
    const page = items.toSorted(byPlace).slice(0, perPage);
    const last = page.at(-1);
    const more = items.length > perPage && last !== undefined;
    // One URI on two servers is one resource: the first server's, whom reading asks, too.
    let before = place?.name;
    for (const entry of page) {
      const isRepeated = what !== "prompts" && entry.name === before;
      if (!isRepeated && wanted(entry) && mayUse(caller.principal, entry.server, entry.name)) {
        entries.push(entry);
        before = entry.name;
      }
    }
    if (last) place = { name: last.name, server: last.server };
    if (!more) return success({ entries, silent });
    if (entries.length >= perPage / 2 || round === rounds) {
      return success({ entries, silent, ...(place ? { next: place } : {}) });
    }
  }
}

async function askEntries(
  shard: Shard,
  what: EntryQuery["what"],
  server: string | undefined,
  after: EntryPlace | undefined,
): Promise<Outcome<readonly ListedEntry[]>> {
  if (server !== undefined) {
    // A shard that the server has left lists nothing of it, but says where to ask instead.
    const own = await shard.introduction(server);
    if (!own.ok && (own.failure.code === "moved" || own.failure.code === "unknown_server")) return own;
  }
  const query = { what, limit: perPage + 1, ...(server === undefined ? {} : { server }), ...(after ? { after } : {}) };
  return success(await shard.listed(query));
}

/** As the shards sort. */
function byPlace(a: ListedEntry, b: ListedEntry): number {
  return compareText(a.name, b.name) || compareText(a.server, b.server);
}
