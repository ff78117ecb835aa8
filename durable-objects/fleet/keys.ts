/** The API keys: rows, kept across restarts. A revoked key keeps its row, or its id could come back to life. */
import type { Page } from "../../core/contract/fleet-rpc.ts";
import type { KeyRecord } from "../../core/contract/key.ts";
import { pageOf } from "./page.ts";

export class KeyRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  find(id: string): KeyRecord | undefined {
    return this.#sql.exec<{ record: string }>("SELECT record FROM api_key WHERE id = ?", id).toArray().map(toRecord)[0];
  }

  page(after: string, limit: number): Page<KeyRecord> {
    const rows = this.#sql.exec<{ record: string }>(
      "SELECT record FROM api_key WHERE id > ? ORDER BY id LIMIT ?",
      after,
      limit + 1,
    );
    return pageOf(rows.toArray().map(toRecord), limit, (key) => key.id);
  }

  /** Keys that have this toolset as theirs, by id. Revoked ones do not count: they stay for ever and use nothing. */
  withToolset(toolset: string): string[] {
    const rows = this.#sql.exec<{ id: string }>(
      `SELECT id FROM api_key WHERE json_extract(record, '$.toolset') = ?
       AND json_extract(record, '$.revokedAt') IS NULL ORDER BY id`,
      toolset,
    );
    return rows.toArray().map(({ id }) => id);
  }

  insert(record: KeyRecord): void {
    this.#sql.exec("INSERT INTO api_key VALUES (?, ?)", record.id, JSON.stringify(record));
  }

  replace(record: KeyRecord): void {
    this.#sql.exec("UPDATE api_key SET record = ? WHERE id = ?", JSON.stringify(record), record.id);
  }
}

/** Only this file writes the column, so what it holds needs no second check. */
function toRecord(row: { readonly record: string }): KeyRecord {
  const record: KeyRecord = JSON.parse(row.record);
  return record;
}
