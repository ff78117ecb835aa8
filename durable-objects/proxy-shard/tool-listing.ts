/** Pages of tools in one deterministic order, (rank, qualified name), whole or by a search over name, description and server. */
import type { ListedTool, ToolQuery } from "../../core/contract/catalog.ts";
import { allowed } from "../../core/policies/names.ts";
import type { Column, Store } from "./store.ts";

const mostPerPage = 5_000;
const leastPerBatch = 100;
const mostTerms = 12;

interface Place {
  readonly rank: number;
  readonly name: string;
}

interface Found extends Record<string, Column> {
  readonly name: string;
  readonly server: string;
  readonly definition: string;
  readonly rank: number;
}

/** What the listing must know of a server: `hidden` ones are not listed at all. */
export type Standing = (server: string) => "ready" | "stale" | "hidden";

export function listTools(store: Store, query: ToolQuery, standing: Standing): ListedTool[] {
  const limit = Math.min(Math.max(Math.trunc(query.limit), 1), mostPerPage);
  const listed: ListedTool[] = [];
  let place = query.after ?? { rank: -Number.MAX_VALUE, name: "" };
  for (let more = true; more && listed.length < limit;) {
    const size = Math.max(limit - listed.length, leastPerBatch);
    const batch = nextBatch(store, query, place, size);
    more = batch.length === size;
    for (const tool of batch) {
      place = tool;
      const stands = standing(tool.server);
      if (stands === "hidden" || !allowed(query.allow, tool.name)) continue;
      listed.push({ ...tool, stale: stands === "stale" });
      if (listed.length === limit) break;
    }
  }
  return listed;
}

function nextBatch(store: Store, query: ToolQuery, place: Place, size: number): Found[] {
  return query.q === undefined || query.q.trim() === ""
    ? inNameOrder(store, query.server, place, size)
    : byWords(store, query.q, query.server, place, size);
}

function inNameOrder(store: Store, server: string | undefined, { name }: Place, size: number): Found[] {
  const columns = "SELECT qualified AS name, server, definition, 0 AS rank FROM tool";
  return server === undefined
    ? store.rows<Found>(`${columns} WHERE qualified > ? ORDER BY qualified LIMIT ?`, name, size)
    : store.rows<Found>(`${columns} WHERE server = ? AND qualified > ? ORDER BY qualified LIMIT ?`, server, name, size);
}

/** A word in the name weighs most (https://sqlite.org/fts5.html, section 5.1.1: smaller is better). */
function byWords(store: Store, q: string, server: string | undefined, { rank, name }: Place, size: number): Found[] {
  const terms = termsOf(q);
  if (terms === "") return [];
  return store.rows<Found>(
    `WITH hit AS MATERIALIZED (
       SELECT rowid AS id, bm25(tool_words, 10.0, 1.0, 4.0) AS rank FROM tool_words WHERE tool_words MATCH ?1
     )
     SELECT tool.qualified AS name, tool.server AS server, tool.definition AS definition, hit.rank AS rank
     FROM hit JOIN tool ON tool.id = hit.id
     WHERE (hit.rank > ?2 OR (hit.rank = ?2 AND tool.qualified > ?3)) AND (?4 IS NULL OR tool.server = ?4)
     ORDER BY hit.rank, tool.qualified LIMIT ?5`,
    terms,
    rank,
    name,
    server ?? null,
    size,
  );
}

/** The caller's words as quoted prefixes, all of which must be there. Quoted, nothing in them is query syntax. */
function termsOf(q: string): string {
  const words = q.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words
    .slice(0, mostTerms)
    .map((word) => `"${word}"*`)
    .join(" ");
}
