/**
 * What Fleet is to be told of: changes for the worse or the better, and never anything twice. A row is written with the
 * change itself and stays until Fleet has it, and one that tells of trouble for as long as the trouble lasts; so neither
 * a crash nor Fleet's absence loses any. Sent in batches by the alarm, never on anybody's time.
 */
import { defaultRules, type AlertRule, type Signal, type Thresholds } from "../../core/contract/alert.ts";
import { backoffMs } from "../../core/policies/backoff.ts";
import type { Neighbours } from "./neighbours.ts";
import type { Schedule } from "./schedule.ts";
import type { Column, Store } from "./store.ts";

/** What happens together is told together. */
const gatherMs = 250;
const mostPerMessage = 500;
const retry = { baseMs: 1_000, capMs: 60_000 };
/** How old thresholds may be while something is measured against them. */
const thresholdLifeMs = 60_000;

export interface SignalRooms {
  readonly store: Store;
  readonly neighbours: Neighbours;
  readonly schedule: Schedule;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

interface Row extends Record<string, Column> {
  readonly rule: AlertRule;
  readonly subject: string;
  readonly token: string;
  readonly body: string;
  readonly sent: number;
}

export class Signals {
  readonly #rooms: SignalRooms;
  /** Told or about to be: what is wrong, as its rows say. */
  readonly #wrong = new Set<string>();
  #thresholds: Thresholds = Object.fromEntries(
    Object.entries(defaultRules).flatMap(([rule, { threshold }]) =>
      threshold === undefined ? [] : [[rule, threshold]],
    ),
  );
  #askedAt = 0;
  #failed = 0;
  #isSending = false;

  constructor(rooms: SignalRooms, now: number) {
    this.#rooms = rooms;
    for (const { rule, subject, body, sent } of rooms.store.rows<Row>("SELECT * FROM signal")) {
      if (signalIn(body).is === "wrong") this.#wrong.add(nameOf(rule, subject));
      if (sent === 0) rooms.schedule.signalsBy(now);
    }
  }

  threshold(rule: AlertRule): number {
    return this.#thresholds[rule] ?? Infinity;
  }

  isWrong(rule: AlertRule, subject: string): boolean {
    return this.#wrong.has(nameOf(rule, subject));
  }

  /** Subjects for which this rule has told of trouble. */
  wrongOf(rule: AlertRule): string[] {
    const prefix = nameOf(rule, "");
    return [...this.#wrong].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  }

  wrong(
    rule: AlertRule,
    subject: string,
    at: number,
    { reason, certificate }: Pick<Signal, "reason" | "certificate">,
  ): void {
    if (this.isWrong(rule, subject)) return;
    this.#wrong.add(nameOf(rule, subject));
    this.#put({ rule, subject, is: "wrong", at, reason, ...(certificate ? { certificate } : {}) });
  }

  /** Told though no trouble was told from here: another shard may have, before the server moved. */
  right(rule: AlertRule, subject: string, at: number): void {
    this.#wrong.delete(nameOf(rule, subject));
    this.#put({ rule, subject, is: "right", at, reason: "" });
  }

  once(rule: AlertRule, subject: string, at: number, { reason, token }: { reason: string; token: string }): void {
    this.#put({ rule, subject, is: "once", at, reason, token });
  }

  /** Somebody else's from now on: whoever has it tells of it. */
  forget(rule: AlertRule, subject: string): void {
    if (!this.#wrong.delete(nameOf(rule, subject))) return;
    this.#rooms.store.rows("DELETE FROM signal WHERE rule = ? AND subject = ? AND token = ''", rule, subject);
  }

  /** What the alarm found due. */
  send(): void {
    if (!this.#isSending) this.#rooms.waitUntil(this.#send());
  }

  /** Asks for thresholds that may have changed, where something is being measured. */
  refresh(now: number): void {
    if (now - this.#askedAt > thresholdLifeMs) this.send();
  }

  async #send(): Promise<void> {
    const { store, neighbours, schedule } = this.#rooms;
    this.#isSending = true;
    this.#askedAt = Date.now();
    const rows = store.rows<Row>("SELECT * FROM signal WHERE sent = 0 ORDER BY token LIMIT ?", mostPerMessage);
    const told = await neighbours.signal(rows.map(({ body }) => signalIn(body)));
    this.#isSending = false;
    if (!told.ok) {
      this.#failed += 1;
      const waitMs = retry.baseMs / 2 + backoffMs(this.#failed, Math.random(), retry);
      return rows.length > 0 ? schedule.signalsBy(Date.now() + waitMs) : undefined;
    }
    this.#failed = 0;
    this.#thresholds = told.value;
    for (const row of rows) this.#acknowledge(row);
    const [left] = store.rows<{ rule: string }>("SELECT rule FROM signal WHERE sent = 0 LIMIT 1");
    if (left) schedule.signalsBy(Date.now());
  }

  /** What has changed since it was sent is not what Fleet has. */
  #acknowledge({ rule, subject, token, body }: Row): void {
    const where = "rule = ? AND subject = ? AND token = ? AND body = ?";
    const query =
      signalIn(body).is === "wrong" ? `UPDATE signal SET sent = 1 WHERE ${where}` : `DELETE FROM signal WHERE ${where}`;
    this.#rooms.store.rows(query, rule, subject, token, body);
  }

  #put(signal: Signal): void {
    const { rule, subject, token = "" } = signal;
    const { store, schedule } = this.#rooms;
    store.rows("INSERT OR REPLACE INTO signal VALUES (?, ?, ?, ?, 0)", rule, subject, token, JSON.stringify(signal));
    schedule.signalsBy(Date.now() + gatherMs);
  }
}

function nameOf(rule: AlertRule, subject: string): string {
  return `${rule} ${subject}`;
}

/** Only this file writes the column, so what it holds needs no second check. */
function signalIn(body: string): Signal {
  const signal: Signal = JSON.parse(body);
  return signal;
}
