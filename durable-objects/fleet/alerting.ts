/**
 * From what is heard to what is told. Everything here is one look at rows and one writing of rows, inside the
 * transaction of whoever calls, so that an alert and the messages about it are there together or not at all.
 */
import type { AlertRule, Rules, Signal } from "../../core/contract/alert.ts";
import { hear, judge, type Verdict, type Watch } from "../../core/policies/alerts.ts";
import { AlertLog, type LoggedAlert } from "./alert-log.ts";
import { AlertSettings } from "./alert-settings.ts";
import { AlertWatches, type Watched } from "./alert-watches.ts";
import { Deliveries } from "./deliveries.ts";
import { KeyEnds } from "./key-ends.ts";
import type { ServerRows } from "./servers.ts";

const aboutServers: ReadonlySet<AlertRule> = new Set([
  "server_down",
  "breaker_open",
  "error_rate",
  "tool_changed",
  "certificate",
]);
const hourMs = 3_600_000;
/** When something is kept back, and may have to be told after all. */
const lookAgainMs = 15_000;

export class Alerting {
  readonly settings: AlertSettings;
  readonly log: AlertLog;
  readonly deliveries: Deliveries;
  readonly #watches: AlertWatches;
  readonly #keyEnds: KeyEnds;
  readonly #servers: ServerRows;

  constructor(sql: SqlStorage, servers: ServerRows) {
    this.settings = new AlertSettings(sql);
    this.log = new AlertLog(sql);
    this.deliveries = new Deliveries(sql);
    this.#watches = new AlertWatches(sql);
    this.#keyEnds = new KeyEnds(sql);
    this.#servers = servers;
  }

  take(signals: readonly Signal[], now: number): void {
    const rules = this.settings.rules();
    for (const signal of signals) this.#take(signal, rules, now);
  }

  /** What the alarm found due. */
  tick(now: number): void {
    const rules = this.settings.rules();
    for (const watched of this.#watches.due(now)) this.#judge(watched, watched.watch, rules, now);
    this.#lookAtKeys(rules, now);
    if (this.settings.dropSilences(now)) this.tellUntold(now);
  }

  /** What is wrong is judged anew, by a rule that reads otherwise now. */
  ruleChanged(rule: AlertRule, now: number): void {
    const rules = this.settings.rules();
    for (const watched of this.#watches.ofRule(rule)) this.#judge(watched, watched.watch, rules, now);
    this.#lookAtKeys(rules, now);
  }

  keysChanged(now: number): void {
    this.#lookAtKeys(this.settings.rules(), now);
  }

  /** Deleted or disabled by an operator: nothing is wrong with it any more. */
  serverGone(id: string, now: number): void {
    for (const watched of this.#watches.ofServer(id)) {
      if (!aboutServers.has(watched.rule)) continue;
      this.#watches.delete(watched);
      if (watched.alert !== undefined) this.#recover(watched.alert, now);
    }
  }

  /** A silence is over: what is still wrong is told now. */
  tellUntold(now: number): void {
    for (const alert of this.log.untold()) this.#open(alert, now);
  }

  nextDueAt(now: number): number | undefined {
    const instants = [
      this.#watches.nextDueAt(),
      this.deliveries.nextDueAt(),
      this.settings.nextSilenceEnd(),
      this.#keyEnds.nextChangeAt(endingMs(this.settings.rules()), now),
    ].filter((at) => at !== undefined);
    return instants.length === 0 ? undefined : Math.min(...instants);
  }

  #take(signal: Signal, rules: Rules, now: number): void {
    const { subject, is, at, reason } = signal;
    // News of a server may come after it has been deleted.
    const isKnown = !aboutServers.has(signal.rule) || this.#servers.find(subject.split("/")[0] ?? subject);
    if (is !== "right" && !isKnown) return;
    if (is === "once") return this.#happened(signal, rules, now);
    const rule = signal.certificate && rules.certificate.enabled ? "certificate" : signal.rule;
    if (is === "right" && rule === "server_down") this.#hear("certificate", subject, is, { at, reason }, rules, now);
    this.#hear(rule, subject, is, { at, reason }, rules, now);
  }

  /** Something that does not end: an alert that is not open for any time. */
  #happened({ rule, subject, at, reason, token }: Signal, rules: Rules, now: number): void {
    const { enabled, severity } = rules[rule];
    if (!enabled) return;
    const known = token === undefined ? undefined : `${rule} ${subject} ${token}`;
    const alert = this.log.open({ rule, severity, subject, reason, since: at, openedAt: now, recoveredAt: now }, known);
    if (alert) this.#open(alert, now);
  }

  #hear(
    rule: AlertRule,
    subject: string,
    is: Watch["is"],
    { at, reason }: Pick<Watched, "at" | "reason">,
    rules: Rules,
    now: number,
  ): void {
    const before = this.#watches.find(rule, subject);
    const watch = hear(before?.watch, is, now);
    if (watch === undefined || watch === before?.watch) return;
    // An alert goes on being about what it was opened with.
    const about =
      is === "wrong" && before?.alert === undefined
        ? { at, reason }
        : { at: before?.at ?? at, reason: before?.reason ?? reason };
    const alert = before?.alert === undefined ? {} : { alert: before.alert };
    this.#judge({ rule, subject, watch, ...about, ...alert }, watch, rules, now);
  }

  #judge(watched: Watched, watch: Watch, rules: Rules, now: number): void {
    const { enabled, ...holds } = rules[watched.rule];
    const verdict = judge(watch, now, holds);
    if (enabled || watch.open || watch.is === "right") this.#keep(watched, verdict, rules, now);
    // Remembered without being told, for the day that the rule is switched on.
    else this.#watches.put(watched, undefined);
  }

  #keep(watched: Watched, { watch, change, dueAt }: Verdict, rules: Rules, now: number): void {
    const { alert: open, ...rest } = watched;
    if (change === "opened" && watch && this.#isToldAlready(watched))
      return this.#watches.put(watched, now + lookAgainMs);
    let alert = open;
    if (change === "opened") alert = this.#begin(rest, rules, now);
    if (change === "recovered" && open !== undefined) this.#recover(open, now);
    if (change === "recovered") alert = undefined;
    if (watch === undefined) this.#watches.delete(watched);
    else this.#watches.put({ ...rest, watch, ...(alert === undefined ? {} : { alert }) }, dueAt);
  }

  /** Of a server that is down nobody needs to hear that its breaker is open, too. */
  #isToldAlready({ rule, subject }: Watched): boolean {
    if (rule !== "breaker_open") return false;
    const [server = subject] = subject.split("/");
    return (["server_down", "certificate"] as const).some(
      (one) => this.#watches.find(one, server)?.watch.is === "wrong",
    );
  }

  #begin({ rule, subject, reason, at }: Omit<Watched, "alert">, rules: Rules, now: number): string | undefined {
    const { severity } = rules[rule];
    const alert = this.log.open({ rule, severity, subject, reason, since: at, openedAt: now });
    if (alert) this.#open(alert, now);
    return alert?.id;
  }

  #open(alert: LoggedAlert, now: number): void {
    if (this.settings.isSilent(alert, now)) return;
    this.log.told(alert.id);
    this.#tell("opened", alert, now);
  }

  /** Whoever was told of the beginning is told of the end, silence or not; nobody else is. */
  #recover(id: string, now: number): void {
    const alert = this.log.recover(id, now);
    if (alert?.told) this.#tell("recovered", alert, now);
  }

  #tell(change: "opened" | "recovered", alert: LoggedAlert, now: number): void {
    for (const target of this.settings.targets()) {
      if (target.disabled || (target.rules && !target.rules.includes(alert.rule))) continue;
      this.deliveries.add(target, change, alert, now);
    }
  }

  #lookAtKeys(rules: Rules, now: number): void {
    const ending = new Map(this.#keyEnds.within(endingMs(rules), now).map((key) => [key.id, key]));
    for (const { subject } of this.#watches.ofRule("key_expiring")) {
      if (!ending.has(subject)) this.#hear("key_expiring", subject, "right", { at: now, reason: "" }, rules, now);
    }
    for (const { id, name, expiresAt } of ending.values()) {
      const reason = `The key "${name}" ends at ${new Date(expiresAt).toISOString()}.`;
      this.#hear("key_expiring", id, "wrong", { at: now, reason }, rules, now);
    }
  }
}

function endingMs({ key_expiring: { threshold = 0 } }: Rules): number {
  return threshold * hourMs;
}
