/**
 * Who changed what, newest first. A row is written in the same transaction as the change it tells of, so there is
 * never one without the other. Kept across restarts; the latest 10,000 stay, older ones go as new ones come.
 */
import type { Actor, AuditEntry } from "../../core/contract/fleet-rpc.ts";

export interface Change {
  readonly action: string;
  readonly target: string;
  /** Becomes JSON; never holds a secret. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export const keptRows = 10_000;
const trimEvery = 100;

type AuditRow = { [Column in keyof AuditEntry]: AuditEntry[Column] & SqlStorageValue };

export class AuditTrail {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  write(change: Change, actor: Actor, at: number): void {
    const { id } = this.#sql
      .exec<{ id: number }>(
        "INSERT INTO audit (at, actor, request_id, action, target, detail) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        at,
        actor.keyId,
        actor.requestId,
        change.action,
        change.target,
        JSON.stringify(change.detail),
      )
      .one();
    if (id % trimEvery === 0) this.#sql.exec("DELETE FROM audit WHERE id <= ?", id - keptRows);
  }

  /** Rows with an id below `before`; the newest of all when `before` is not positive. */
  page(before: number, limit: number): readonly AuditEntry[] {
    const ceiling = before > 0 ? before : Number.MAX_SAFE_INTEGER;
    return this.#sql
      .exec<AuditRow>(
        `SELECT id, at, actor, request_id AS requestId, action, target, detail FROM audit
         WHERE id < ? ORDER BY id DESC LIMIT ?`,
        ceiling,
        limit,
      )
      .toArray();
  }
}
