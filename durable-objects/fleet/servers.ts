/** The registered servers and the shard that owns each: rows, all of them kept across restarts. */
import type { Page, PlacedServer } from "../../core/contract/fleet-rpc.ts";
import type { ServerRecord } from "../../core/contract/server.ts";
import { pageOf } from "./page.ts";

interface ServerRow {
  readonly [column: string]: SqlStorageValue;
  readonly shard: number;
  readonly record: string;
}

export class ServerRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  find(id: string): PlacedServer | undefined {
    return this.#sql.exec<ServerRow>("SELECT shard, record FROM server WHERE id = ?", id).toArray().map(toPlaced)[0];
  }

  page(after: string, limit: number): Page<PlacedServer> {
    const rows = this.#sql.exec<ServerRow>(
      "SELECT shard, record FROM server WHERE id > ? ORDER BY id LIMIT ?",
      after,
      limit + 1,
    );
    return pageOf(rows.toArray().map(toPlaced), limit, (server) => server.record.id);
  }

  ofShard(shard: number): readonly ServerRecord[] {
    const rows = this.#sql.exec<ServerRow>("SELECT shard, record FROM server WHERE shard = ? ORDER BY id", shard);
    return rows.toArray().map((row) => toPlaced(row).record);
  }

  ids(): string[] {
    return this.#sql
      .exec<{ id: string }>("SELECT id FROM server ORDER BY id")
      .toArray()
      .map((row) => row.id);
  }

  /** Which shard owns each server. */
  assignment(): Map<string, number> {
    const rows = this.#sql.exec<{ id: string; shard: number }>("SELECT id, shard FROM server ORDER BY id");
    return new Map(rows.toArray().map((row) => [row.id, row.shard]));
  }

  perShard(): Map<number, number> {
    const rows = this.#sql.exec<{ shard: number; servers: number }>(
      "SELECT shard, count(*) AS servers FROM server GROUP BY shard",
    );
    return new Map(rows.toArray().map((row) => [row.shard, row.servers]));
  }

  /**
   * The first of these ids that may not be used, as it is already spelled: taken here or earlier in the list.
   * `Memory` beside `memory` would be one server to some clients and two to others, so case makes no difference.
   */
  firstTaken(ids: readonly string[]): string | undefined {
    const seen = new Map<string, string>();
    for (const id of ids) {
      const folded = id.toLowerCase();
      const taken = seen.get(folded) ?? this.#spelled(id);
      if (taken !== undefined) return taken;
      seen.set(folded, id);
    }
    return undefined;
  }

  insert(record: ServerRecord, shard: number): void {
    this.#sql.exec("INSERT INTO server VALUES (?, ?, ?)", record.id, shard, JSON.stringify(record));
  }

  replace(record: ServerRecord): void {
    this.#sql.exec("UPDATE server SET record = ? WHERE id = ?", JSON.stringify(record), record.id);
  }

  assign(id: string, shard: number): void {
    this.#sql.exec("UPDATE server SET shard = ? WHERE id = ?", shard, id);
  }

  delete(id: string): void {
    this.#sql.exec("DELETE FROM server WHERE id = ?", id);
  }

  #spelled(id: string): string | undefined {
    const rows = this.#sql.exec<{ id: string }>("SELECT id FROM server WHERE id = ? COLLATE NOCASE", id);
    return rows.toArray()[0]?.id;
  }
}

/** Only this file writes the column, so what it holds needs no second check. */
function toPlaced(row: ServerRow): PlacedServer {
  const record: ServerRecord = JSON.parse(row.record);
  return { record, shard: row.shard };
}
