/** Pages of prompts, resources and templates in one deterministic order: (name, server). */
import type { EntryQuery, ListedEntry } from "../../core/contract/conversation.ts";
import type { Column, Store } from "./store.ts";
import type { Standing } from "./tool-listing.ts";

const mostPerPage = 5_000;
const leastPerBatch = 100;

type Place = NonNullable<EntryQuery["after"]>;

interface Found extends Record<string, Column> {
  readonly name: string;
  readonly server: string;
  readonly definition: string;
}

export function listEntries(store: Store, query: EntryQuery, standing: Standing): ListedEntry[] {
  const limit = Math.min(Math.max(Math.trunc(query.limit), 1), mostPerPage);
  const listed: ListedEntry[] = [];
  let place: Place = query.after ?? { name: "", server: "" };
  for (let more = true; more && listed.length < limit;) {
    const size = Math.max(limit - listed.length, leastPerBatch);
    const batch = nextBatch(store, query, place, size);
    more = batch.length === size;
    for (const entry of batch) {
      place = entry;
      const stands = standing(entry.server);
      if (stands === "hidden") continue;
      listed.push({ ...entry, stale: stands === "stale" });
      if (listed.length === limit) break;
    }
  }
  return listed;
}

function nextBatch(store: Store, { what, server }: EntryQuery, after: Place, size: number): Found[] {
  return store.rows<Found>(
    `SELECT name, server, definition FROM entry
     WHERE what = ?1 AND (name, server) > (?2, ?3) AND (?4 IS NULL OR server = ?4) ORDER BY name, server LIMIT ?5`,
    what,
    after.name,
    after.server,
    server ?? null,
    size,
  );
}
