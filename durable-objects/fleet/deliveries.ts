/**
 * What targets have yet to be told: rows, written in the same transaction as the change they tell of, so a crash at any
 * moment loses none. A row says which alerts it is about and how they changed, and never more than that; it has its
 * id, and the time of its next attempt, before it is first sent. The latest 1,000 that are done with stay to be seen.
 */
import type { Alert, AlertChange, AlertRule } from "../../core/contract/alert.ts";
import type { AlertTarget, Delivery, DeliveryState } from "../../core/contract/alert-target.ts";

/** What goes wrong together is told together: so long a message waits for more of its kind. */
const gatherMs = 3_000;
const mostPerMessage = 50;
const keptDeliveries = 1_000;

/** Of one target. */
const inLine = "target = ? AND state = 'waiting' AND aside = 0";

interface Row {
  readonly [column: string]: SqlStorageValue;
  readonly seq: number;
  readonly id: string;
  readonly target: string;
  readonly change: AlertChange;
  readonly rule: AlertRule;
  readonly alerts: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly created_at: number;
  readonly due_at: number;
  readonly answer: string;
}

export class Deliveries {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Pagers group by themselves and want each alert alone. */
  add({ id: target, kind }: AlertTarget, change: AlertChange, alert: Alert, now: number): void {
    const gathering = kind === "pagerduty" ? undefined : this.#gathering(target, change, alert.rule, now);
    if (gathering) {
      const alerts = JSON.stringify([...gathering.alerts, alert.id]);
      this.#sql.exec("UPDATE alert_delivery SET alerts = ? WHERE seq = ?", alerts, gathering.seq);
      return;
    }
    this.#sql.exec(
      `INSERT INTO alert_delivery (id, target, change, rule, alerts, state, attempts, aside, created_at, due_at, answer)
       VALUES (?, ?, ?, ?, ?, 'waiting', 0, 0, ?, ?, '')`,
      `msg_${crypto.randomUUID().replaceAll("-", "")}`,
      target,
      change,
      alert.rule,
      JSON.stringify([alert.id]),
      now,
      Math.max(kind === "pagerduty" ? now : now + gatherMs, this.#lineDueAt(target)),
    );
  }

  /** Targets that are to be told something now. */
  targetsDue(now: number): string[] {
    const query = "SELECT DISTINCT target FROM alert_delivery WHERE state = 'waiting' AND due_at <= ?";
    return this.#sql
      .exec<{ target: string }>(query, now)
      .toArray()
      .map(({ target }) => target);
  }

  /** The oldest first, so that nobody hears of an end before its beginning. */
  nextFor(target: string, now: number): Delivery | undefined {
    return this.#rows("target = ? AND state = 'waiting' AND due_at <= ? ORDER BY seq LIMIT 1", target, now)[0];
  }

  /** Before it is sent: should the object die while it is, the row says when to try again. */
  attempt(seq: number, dueAt: number): void {
    this.#sql.exec("UPDATE alert_delivery SET attempts = attempts + 1, due_at = ? WHERE seq = ?", dueAt, seq);
  }

  /** The target did not want this one, and may want the next: it waits aside. */
  setAside(seq: number, dueAt: number, answer: string): void {
    const query = "UPDATE alert_delivery SET due_at = ?, answer = ?, aside = 1 WHERE seq = ?";
    this.#sql.exec(query, dueAt, answer, seq);
  }

  /** The target cannot take anything now: the whole line waits, and keeps its order. */
  postpone({ seq, target }: Delivery, dueAt: number, answer: string): void {
    this.#sql.exec("UPDATE alert_delivery SET answer = ? WHERE seq = ?", answer, seq);
    this.#sql.exec(`UPDATE alert_delivery SET due_at = ? WHERE ${inLine}`, dueAt, target);
  }

  /** The target is there (again): nobody in line waits for longer than it takes to gather. */
  hasten(target: string, now: number): void {
    const soon = now + gatherMs;
    this.#sql.exec(`UPDATE alert_delivery SET due_at = ? WHERE ${inLine} AND due_at > ?`, soon, target, soon);
  }

  settle(seq: number, state: "delivered" | "dead", answer: string): void {
    this.#sql.exec("UPDATE alert_delivery SET state = ?, answer = ? WHERE seq = ?", state, answer, seq);
    this.#sql.exec(
      `DELETE FROM alert_delivery WHERE state <> 'waiting' AND seq <= (
         SELECT seq FROM alert_delivery WHERE state <> 'waiting' ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
      keptDeliveries,
    );
  }

  /** Nothing more goes there. */
  drop(target: string): void {
    this.#sql.exec("DELETE FROM alert_delivery WHERE target = ? AND state = 'waiting'", target);
  }

  page(before: number, limit: number): Delivery[] {
    return this.#rows("seq < ? ORDER BY seq DESC LIMIT ?", before > 0 ? before : Number.MAX_SAFE_INTEGER, limit);
  }

  nextDueAt(): number | undefined {
    const query = "SELECT min(due_at) AS at FROM alert_delivery WHERE state = 'waiting'";
    return this.#sql.exec<{ at: number | null }>(query).one().at ?? undefined;
  }

  /** Whoever joins a line waits for as long as the others. */
  #lineDueAt(target: string): number {
    const query = `SELECT max(due_at) AS at FROM alert_delivery WHERE ${inLine}`;
    return this.#sql.exec<{ at: number | null }>(query, target).one().at ?? 0;
  }

  /** One that has not been sent yet and has room. Once it has, its text must stay as it was. */
  #gathering(target: string, change: AlertChange, rule: AlertRule, now: number): Delivery | undefined {
    const where = "target = ? AND change = ? AND rule = ? AND state = 'waiting' AND attempts = 0 AND due_at > ?";
    const [found] = this.#rows(`${where} ORDER BY seq DESC LIMIT 1`, target, change, rule, now);
    return found && found.alerts.length < mostPerMessage ? found : undefined;
  }

  #rows(where: string, ...values: readonly (string | number)[]): Delivery[] {
    return this.#sql
      .exec<Row>(`SELECT * FROM alert_delivery WHERE ${where}`, ...values)
      .toArray()
      .map(toDelivery);
  }
}

/** Only this file writes the columns, so what they hold needs no second check. */
function toDelivery({ alerts, created_at: createdAt, due_at: dueAt, ...row }: Row): Delivery {
  const { seq, id, target, change, rule, state, attempts, answer } = row;
  return { seq, id, target, change, rule, alerts: JSON.parse(alerts), state, attempts, createdAt, dueAt, answer };
}
