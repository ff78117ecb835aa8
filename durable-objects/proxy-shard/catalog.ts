/**
 * What each server offers, as last seen: rows, and an index of words for the search. Definitions are the servers' own
 * text. A refresh writes only what differs, and the row that says when it was.
 */
import type { ToolFacts } from "../../core/contract/call.ts";
import type { Catalog, CatalogEntry, CatalogTool } from "../../core/contract/catalog.ts";
import { qualify } from "../../core/policies/names.ts";
import { Stamps } from "./stamps.ts";
import type { ToolChanges } from "./tool-changes.ts";
import type { Column, Store } from "./store.ts";

export type EntrySort = "prompts" | "resources" | "templates";
const entrySorts: readonly EntrySort[] = ["prompts", "resources", "templates"];

export interface CatalogSummary {
  readonly seenAt: number;
  readonly ttlMs?: number;
  readonly faults: readonly string[];
  readonly counts: Readonly<Record<"tools" | EntrySort, number>>;
}

interface SummaryRow extends Record<string, Column> {
  readonly server: string;
  readonly seen_at: number;
  readonly ttl_ms: number | null;
  readonly faults: string;
  readonly tools: number;
  readonly prompts: number;
  readonly resources: number;
  readonly templates: number;
}

interface ToolRow extends Record<string, Column> {
  readonly id: number;
  readonly name: string;
  readonly facts: string;
  readonly description: string;
  readonly definition: string;
}

export class Catalogs {
  readonly stamps = new Stamps();
  readonly #store: Store;
  readonly #summaries = new Map<string, CatalogSummary>();
  #toolsChanged: (server: string, changes: ToolChanges, at: number) => void = () => undefined;

  constructor(store: Store) {
    this.#store = store;
    for (const row of store.rows<SummaryRow>("SELECT * FROM catalog")) {
      this.#summaries.set(row.server, summaryFrom(row));
      this.stamps.start(row.server, row.seen_at);
    }
  }

  onToolsChanged(changed: (server: string, changes: ToolChanges, at: number) => void): void {
    this.#toolsChanged = changed;
  }

  summary(server: string): CatalogSummary | undefined {
    return this.#summaries.get(server);
  }

  replace(server: string, catalog: Catalog, seenAt: number): void {
    if (!this.#summaries.has(server)) this.stamps.start(server, seenAt);
    this.#store.atomically(() => {
      const tools = this.#replaceTools(server, catalog.tools, seenAt);
      for (const what of entrySorts) this.#replaceEntries(server, what, catalog[what]);
      this.#summarize(server, catalog, tools, seenAt);
    });
  }

  /** By the tool's own name, else by the qualified name that clients see, which may be a shortened one. */
  facts(server: string, tool: string): ToolFacts | undefined {
    const found = this.#find(server, tool);
    return found && factsIn(found.facts);
  }

  definition(server: string, tool: string): string | undefined {
    return this.#find(server, tool)?.definition;
  }

  qualifiedNames(server: string): string[] {
    const rows = this.#store.rows<{ qualified: string }>("SELECT qualified FROM tool WHERE server = ?", server);
    return rows.map((row) => row.qualified);
  }

  serversWith(tool: string): string[] {
    const rows = this.#store.rows<{ server: string }>("SELECT server FROM tool WHERE name = ? ORDER BY server", tool);
    return rows.map((row) => row.server);
  }

  entries(server: string, what: EntrySort): CatalogEntry[] {
    return this.#store.rows<{ name: string; definition: string }>(
      "SELECT name, definition FROM entry WHERE server = ? AND what = ? ORDER BY place",
      server,
      what,
    );
  }

  /** The whole catalog of a server, as it was listed. */
  whole(server: string): Catalog | undefined {
    const summary = this.#summaries.get(server);
    if (summary === undefined) return undefined;
    const { faults, ttlMs } = summary;
    const tools = this.#toolsOf(server).map(({ facts, description, definition }): CatalogTool => {
      return { facts: factsIn(facts), description, definition };
    });
    const [prompts, resources, templates] = [
      this.entries(server, "prompts"),
      this.entries(server, "resources"),
      this.entries(server, "templates"),
    ];
    return { tools, prompts, resources, templates, faults, ...(ttlMs === undefined ? {} : { ttlMs }) };
  }

  drop(server: string): void {
    if (!this.#summaries.delete(server)) return;
    this.stamps.forget(server);
    this.#store.atomically(() => {
      for (const { id } of this.#toolsOf(server)) this.#deleteTool(id);
      this.#store.rows("DELETE FROM entry WHERE server = ?", server);
      this.#store.rows("DELETE FROM catalog WHERE server = ?", server);
    });
  }

  #find(server: string, tool: string): { facts: string; definition: string } | undefined {
    const columns = "SELECT facts, definition FROM tool WHERE server = ?";
    const [byName] = this.#store.rows<{ facts: string; definition: string }>(`${columns} AND name = ?`, server, tool);
    if (byName) return byName;
    const qualified = `${server}__${tool}`;
    return this.#store.rows<{ facts: string; definition: string }>(
      `${columns} AND qualified = ?`,
      server,
      qualified,
    )[0];
  }

  #toolsOf(server: string): ToolRow[] {
    return this.#store.rows<ToolRow>(
      "SELECT id, name, facts, description, definition FROM tool WHERE server = ? ORDER BY name",
      server,
    );
  }

  /** Answers how many there are now: a name that a server lists twice counts once. */
  #replaceTools(server: string, tools: readonly CatalogTool[], seenAt: number): number {
    const before = new Map(this.#toolsOf(server).map((row) => [row.name, row]));
    const seen = new Set<string>();
    const redefined: string[] = [];
    let changed = false;
    for (const tool of tools) {
      const { name } = tool.facts;
      if (seen.has(name)) continue;
      seen.add(name);
      const old = before.get(name);
      if (old?.definition === tool.definition && old.facts === JSON.stringify(tool.facts)) continue;
      if (old) this.#deleteTool(old.id);
      if (old && old.definition !== tool.definition) redefined.push(name);
      this.#insertTool(server, tool);
      changed = true;
    }
    const gone = [...before.keys()].filter((name) => !seen.has(name));
    for (const name of gone) this.#deleteTool(before.get(name)?.id ?? 0);
    this.#toolsChanged(server, { changed: redefined, gone }, seenAt);
    if (changed || before.size !== seen.size) this.stamps.move(server, "tools");
    return seen.size;
  }

  #insertTool(server: string, { facts, description, definition }: CatalogTool): void {
    const [inserted] = this.#store.rows<{ id: number }>(
      `INSERT INTO tool (qualified, server, name, facts, description, definition) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING RETURNING id`,
      qualify(server, facts.name),
      server,
      facts.name,
      JSON.stringify(facts),
      description,
      definition,
    );
    // A server that forges names until two of its shortened ones are alike has one of them left out.
    if (inserted === undefined) return;
    this.#store.rows(
      "INSERT INTO tool_words (rowid, name, description, server) VALUES (?, ?, ?, ?)",
      inserted.id,
      wordsOf(facts.name),
      description,
      wordsOf(server),
    );
  }

  #deleteTool(id: number): void {
    this.#store.rows("DELETE FROM tool_words WHERE rowid = ?", id);
    this.#store.rows("DELETE FROM tool WHERE id = ?", id);
  }

  #replaceEntries(server: string, what: EntrySort, entries: readonly CatalogEntry[]): void {
    if (JSON.stringify(this.entries(server, what)) === JSON.stringify(entries.map(bare))) return;
    // Templates have no list of their own to change: servers tell of them with their resources.
    this.stamps.move(server, what === "prompts" ? "prompts" : "resources");
    this.#store.rows("DELETE FROM entry WHERE server = ? AND what = ?", server, what);
    for (const [place, { name, definition }] of entries.entries()) {
      this.#store.rows("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", server, what, place, name, definition);
    }
  }

  #summarize(server: string, catalog: Catalog, tools: number, seenAt: number): void {
    const { ttlMs, faults, prompts, resources, templates } = catalog;
    const counts = { tools, prompts: prompts.length, resources: resources.length, templates: templates.length };
    this.#summaries.set(server, { seenAt, faults, counts, ...(ttlMs === undefined ? {} : { ttlMs }) });
    this.#store.rows(
      "INSERT OR REPLACE INTO catalog VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      server,
      seenAt,
      ttlMs ?? null,
      JSON.stringify(faults),
      counts.tools,
      counts.prompts,
      counts.resources,
      counts.templates,
    );
  }
}

function summaryFrom(row: SummaryRow): CatalogSummary {
  const { tools, prompts, resources, templates } = row;
  return {
    seenAt: row.seen_at,
    faults: JSON.parse(row.faults),
    counts: { tools, prompts, resources, templates },
    ...(row.ttl_ms === null ? {} : { ttlMs: row.ttl_ms }),
  };
}

function factsIn(text: string): ToolFacts {
  return JSON.parse(text);
}

function bare({ name, definition }: CatalogEntry): CatalogEntry {
  return { name, definition };
}

/** `readGraphFast` is found by `graph`: the index splits at `_` and `-` by itself, but not inside a word. */
function wordsOf(name: string): string {
  const split = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2");
  return split === name ? name : `${name} ${split}`;
}
