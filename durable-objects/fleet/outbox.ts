/**
 * What shards have yet to be told: rows, written in the same transaction as the change itself, so a crash between an
 * acknowledged write and its delivery loses nothing. A row names only whom the news is about; what is sent is read
 * when it is sent. So news may be told twice or late, and is still the truth.
 */

/** `server`: it came, changed or left. `key`: it changed. `map`: the shard map or the default limit changed. */
export type News = "server" | "key" | "map";

export interface Debt {
  readonly id: number;
  readonly shard: number;
  readonly what: News;
  /** The server's or key's id; empty for the map. */
  readonly subject: string;
  readonly attempts: number;
}

type DebtRow = { [Column in keyof Debt]: Debt[Column] & SqlStorageValue };

/** The first attempt follows the write at once; this is when the alarm steps in, should the object die before it. */
const firstRetryMs = 5_000;
const mostPerRound = 1_000;

export class Outbox {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Replaces a debt of the same kind: its new id keeps a delivery under way from striking out the newer one. */
  owe(shard: number, what: News, subject: string, at: number): Debt {
    const { id } = this.#sql
      .exec<{ id: number }>(
        "INSERT OR REPLACE INTO outbox (shard, what, subject, attempts, due_at) VALUES (?, ?, ?, 0, ?) RETURNING id",
        shard,
        what,
        subject,
        at + firstRetryMs,
      )
      .one();
    return { id, shard, what, subject, attempts: 0 };
  }

  due(at: number): readonly Debt[] {
    return this.#sql
      .exec<DebtRow>(
        "SELECT id, shard, what, subject, attempts FROM outbox WHERE due_at <= ? ORDER BY id LIMIT ?",
        at,
        mostPerRound,
      )
      .toArray();
  }

  /** The object that owed this has died before it could tell: nobody else is about to. False: nothing is owed. */
  hasten(at: number): boolean {
    this.#sql.exec("UPDATE outbox SET due_at = ? WHERE attempts = 0 AND due_at > ?", at, at);
    return this.due(at).length > 0;
  }

  paid(debts: readonly Debt[]): void {
    for (const { id } of debts) this.#sql.exec("DELETE FROM outbox WHERE id = ?", id);
  }

  postpone(debts: readonly Debt[], dueAt: number): void {
    for (const { id } of debts) {
      this.#sql.exec("UPDATE outbox SET attempts = attempts + 1, due_at = ? WHERE id = ?", dueAt, id);
    }
  }

  /** Shards that may still go by an older map. */
  shardsBehind(): readonly number[] {
    const rows = this.#sql.exec<{ shard: number }>("SELECT shard FROM outbox WHERE what = 'map'");
    return rows.toArray().map(({ shard }) => shard);
  }

  nextDueAt(): number | undefined {
    const { next } = this.#sql.exec<{ next: number | null }>("SELECT min(due_at) AS next FROM outbox").one();
    return next ?? undefined;
  }
}
