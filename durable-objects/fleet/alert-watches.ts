/** What is wrong, was wrong a moment ago, or is about to be an alert: rows, kept across restarts, gone when all is well. */
import type { AlertRule } from "../../core/contract/alert.ts";
import type { Watch } from "../../core/policies/alerts.ts";

export interface Watched {
  readonly rule: AlertRule;
  readonly subject: string;
  readonly watch: Watch;
  /** As was heard when it went wrong. */
  readonly reason: string;
  readonly at: number;
  /** The open alert's id. */
  readonly alert?: string;
}

interface Row {
  readonly [column: string]: SqlStorageValue;
  readonly rule: AlertRule;
  readonly subject: string;
  readonly watch: string;
  readonly reason: string;
  readonly at: number;
  readonly alert: string | null;
}

const columns = "rule, subject, watch, reason, at, alert";

export class AlertWatches {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  find(rule: AlertRule, subject: string): Watched | undefined {
    return this.#rows("rule = ? AND subject = ?", rule, subject)[0];
  }

  ofRule(rule: AlertRule): Watched[] {
    return this.#rows("rule = ?", rule);
  }

  /** A server, and all that is its own. */
  ofServer(id: string): Watched[] {
    return this.#rows("subject = ? OR substr(subject, 1, ?) = ?", id, id.length + 1, `${id}/`);
  }

  due(now: number): Watched[] {
    return this.#rows("due_at <= ?", now);
  }

  put({ rule, subject, watch, reason, at, alert }: Watched, dueAt: number | undefined): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO alert_watch VALUES (?, ?, ?, ?, ?, ?, ?)",
      rule,
      subject,
      JSON.stringify(watch),
      reason,
      at,
      alert ?? null,
      dueAt ?? null,
    );
  }

  delete({ rule, subject }: Watched): void {
    this.#sql.exec("DELETE FROM alert_watch WHERE rule = ? AND subject = ?", rule, subject);
  }

  nextDueAt(): number | undefined {
    return this.#sql.exec<{ at: number | null }>("SELECT min(due_at) AS at FROM alert_watch").one().at ?? undefined;
  }

  #rows(where: string, ...values: readonly (string | number)[]): Watched[] {
    const rows = this.#sql.exec<Row>(
      `SELECT ${columns} FROM alert_watch WHERE ${where} ORDER BY rule, subject`,
      ...values,
    );
    return rows.toArray().map(toWatched);
  }
}

/** Only this file writes the column, so what it holds needs no second check. */
function toWatched({ rule, subject, watch, reason, at, alert }: Row): Watched {
  const known: Watch = JSON.parse(watch);
  return { rule, subject, watch: known, reason, at, ...(alert === null ? {} : { alert }) };
}
