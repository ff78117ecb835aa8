/** The toolsets: rows, kept across restarts. Nothing of them is told to shards; Workers ask for the ones they serve. */
import type { Page } from "../../core/contract/fleet-rpc.ts";
import type { Toolset } from "../../core/contract/toolset.ts";
import { pageOf } from "./page.ts";

/** A toolset may have 256 KiB of UTF-8, twice that in memory; a page must fit one RPC answer (32 MiB). */
const mostPerPage = 50;

interface Row {
  readonly [column: string]: SqlStorageValue;
  readonly record: string;
}

export class ToolsetRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  find(id: string): Toolset | undefined {
    return this.#sql.exec<Row>("SELECT record FROM toolset WHERE id = ?", id).toArray().map(toToolset)[0];
  }

  page(after: string, limit: number): Page<Toolset> {
    const most = Math.min(limit, mostPerPage);
    const rows = this.#sql.exec<Row>("SELECT record FROM toolset WHERE id > ? ORDER BY id LIMIT ?", after, most + 1);
    return pageOf(rows.toArray().map(toToolset), most, (toolset) => toolset.id);
  }

  ids(): string[] {
    const rows = this.#sql.exec<{ id: string }>("SELECT id FROM toolset ORDER BY id");
    return rows.toArray().map(({ id }) => id);
  }

  /** As it is already spelled, when it is taken: case makes no difference, as with servers. */
  taken(id: string): string | undefined {
    const rows = this.#sql.exec<{ id: string }>("SELECT id FROM toolset WHERE id = ? COLLATE NOCASE", id);
    return rows.toArray()[0]?.id;
  }

  insert(toolset: Toolset): void {
    this.#sql.exec("INSERT INTO toolset VALUES (?, ?)", toolset.id, JSON.stringify(toolset));
  }

  replace(toolset: Toolset): void {
    this.#sql.exec("UPDATE toolset SET record = ? WHERE id = ?", JSON.stringify(toolset), toolset.id);
  }

  delete(id: string): void {
    this.#sql.exec("DELETE FROM toolset WHERE id = ?", id);
  }
}

/** Only this file writes the column, so what it holds needs no second check. */
function toToolset({ record }: Row): Toolset {
  const toolset: Toolset = JSON.parse(record);
  return toolset;
}
