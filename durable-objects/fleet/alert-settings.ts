/** What operators say of alerts: rules that differ from the usual, targets, silences. Rows, kept across restarts. */
import {
  alertRules,
  defaultRules,
  type Alert,
  type AlertRule,
  type Rules,
  type RuleSettings,
  type Thresholds,
} from "../../core/contract/alert.ts";
import type { Silence } from "../../core/contract/alert-rpc.ts";
import type { AlertTarget } from "../../core/contract/alert-target.ts";
import { allowed } from "../../core/policies/names.ts";

interface Row {
  readonly [column: string]: SqlStorageValue;
  readonly record: string;
}

export class AlertSettings {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  rules(): Rules {
    const rows = this.#sql.exec<{ rule: AlertRule; record: string }>("SELECT rule, record FROM alert_rule").toArray();
    const changed: Partial<Record<AlertRule, Partial<RuleSettings>>> = Object.fromEntries(
      rows.map(({ rule, record }) => [rule, JSON.parse(record)]),
    );
    const whole = alertRules.map((rule): [AlertRule, RuleSettings] => [
      rule,
      { ...defaultRules[rule], ...changed[rule] },
    ]);
    return { ...defaultRules, ...Object.fromEntries(whole) };
  }

  thresholds(): Thresholds {
    const measured = Object.entries(this.rules()).flatMap(([rule, { threshold }]) =>
      threshold === undefined ? [] : [[rule, threshold] as const],
    );
    return Object.fromEntries(measured);
  }

  putRule(rule: AlertRule, settings: RuleSettings): void {
    this.#sql.exec("INSERT OR REPLACE INTO alert_rule VALUES (?, ?)", rule, JSON.stringify(settings));
  }

  targets(): AlertTarget[] {
    return this.#sql.exec<Row>("SELECT record FROM alert_target ORDER BY id").toArray().map(toTarget);
  }

  target(id: string): AlertTarget | undefined {
    return this.#sql.exec<Row>("SELECT record FROM alert_target WHERE id = ?", id).toArray().map(toTarget)[0];
  }

  putTarget(target: AlertTarget): void {
    this.#sql.exec("INSERT OR REPLACE INTO alert_target VALUES (?, ?)", target.id, JSON.stringify(target));
  }

  deleteTarget(id: string): void {
    this.#sql.exec("DELETE FROM alert_target WHERE id = ?", id);
  }

  silences(now: number): Silence[] {
    const rows = this.#sql.exec<Row>("SELECT record FROM alert_silence WHERE ends_at > ? ORDER BY id", now);
    return rows.toArray().map(toSilence);
  }

  putSilence(silence: Silence): void {
    const { id, endsAt } = silence;
    this.#sql.exec("INSERT OR REPLACE INTO alert_silence VALUES (?, ?, ?)", id, JSON.stringify(silence), endsAt);
  }

  deleteSilence(id: string): void {
    this.#sql.exec("DELETE FROM alert_silence WHERE id = ?", id);
  }

  /** Whether any had ended. */
  dropSilences(now: number): boolean {
    return this.#sql.exec("DELETE FROM alert_silence WHERE ends_at <= ?", now).rowsWritten > 0;
  }

  isSilent({ rule, subject }: Pick<Alert, "rule" | "subject">, now: number): boolean {
    return this.silences(now).some(
      ({ rules, subjects }) => (rules === undefined || rules.includes(rule)) && allowed(subjects, subject),
    );
  }

  nextSilenceEnd(): number | undefined {
    return this.#sql.exec<{ at: number | null }>("SELECT min(ends_at) AS at FROM alert_silence").one().at ?? undefined;
  }
}

/** Only this file writes the columns, so what they hold needs no second check. */
function toTarget({ record }: Row): AlertTarget {
  const target: AlertTarget = JSON.parse(record);
  return target;
}

function toSilence({ record }: Row): Silence {
  const silence: Silence = JSON.parse(record);
  return silence;
}
