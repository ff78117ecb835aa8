/**
 * Every alert there was, newest last: rows, kept across restarts. The latest 10,000 stay; an open one stays whatever
 * its age. `told` says whether targets were given it, which a silence puts off.
 */
import type { Alert, AlertRule, Severity } from "../../core/contract/alert.ts";
import type { AlertState } from "../../core/contract/alert-rpc.ts";

export const keptAlerts = 10_000;
const trimEvery = 100;

interface Row {
  readonly [column: string]: SqlStorageValue;
  readonly seq: number;
  readonly id: string;
  readonly rule: AlertRule;
  readonly severity: Severity;
  readonly subject: string;
  readonly reason: string;
  readonly since: number;
  readonly opened_at: number;
  readonly recovered_at: number | null;
  readonly told: number;
}

export interface LoggedAlert extends Alert {
  readonly told: boolean;
}

export type NewAlert = Omit<Alert, "seq" | "id">;

export class AlertLog {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Undefined when something with this token is in the log already. */
  open(alert: NewAlert, token?: string): LoggedAlert | undefined {
    const id = crypto.randomUUID();
    const [row] = this.#sql
      .exec<Row>(
        `INSERT INTO alert (id, rule, severity, subject, reason, since, opened_at, recovered_at, told, token)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (token) DO NOTHING RETURNING *`,
        id,
        alert.rule,
        alert.severity,
        alert.subject,
        alert.reason,
        alert.since,
        alert.openedAt,
        alert.recoveredAt ?? null,
        token ?? null,
      )
      .toArray();
    if (row === undefined) return undefined;
    if (row.seq % trimEvery === 0) this.#trim(row.seq);
    return toAlert(row);
  }

  recover(id: string, at: number): LoggedAlert | undefined {
    return this.#sql
      .exec<Row>("UPDATE alert SET recovered_at = ? WHERE id = ? AND recovered_at IS NULL RETURNING *", at, id)
      .toArray()
      .map(toAlert)[0];
  }

  told(id: string): void {
    this.#sql.exec("UPDATE alert SET told = 1 WHERE id = ?", id);
  }

  /** What a silence has kept from being told, and is still wrong. */
  untold(): LoggedAlert[] {
    const rows = this.#sql.exec<Row>("SELECT * FROM alert WHERE recovered_at IS NULL AND told = 0 ORDER BY seq");
    return rows.toArray().map(toAlert);
  }

  withIds(ids: readonly string[]): Alert[] {
    const rows = this.#sql.exec<Row>(
      "SELECT * FROM alert WHERE id IN (SELECT value FROM json_each(?)) ORDER BY seq",
      JSON.stringify(ids),
    );
    return rows.toArray().map(toAlert);
  }

  page(state: AlertState | undefined, before: number, limit: number): Alert[] {
    const wanted =
      state === undefined ? "" : state === "open" ? "AND recovered_at IS NULL" : "AND recovered_at IS NOT NULL";
    const rows = this.#sql.exec<Row>(
      `SELECT * FROM alert WHERE seq < ? ${wanted} ORDER BY seq DESC LIMIT ?`,
      before > 0 ? before : Number.MAX_SAFE_INTEGER,
      limit,
    );
    return rows.toArray().map((row) => {
      const { told: _, ...alert } = toAlert(row);
      return alert;
    });
  }

  #trim(seq: number): void {
    this.#sql.exec("DELETE FROM alert WHERE seq <= ? AND recovered_at IS NOT NULL", seq - keptAlerts);
  }
}

function toAlert(row: Row): LoggedAlert {
  const { seq, id, rule, severity, subject, reason, since } = row;
  const alert = { seq, id, rule, severity, subject, reason, since, openedAt: row.opened_at, told: row.told === 1 };
  return row.recovered_at === null ? alert : { ...alert, recoveredAt: row.recovered_at };
}
