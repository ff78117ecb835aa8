/** Alerts: what may go wrong, what shards tell Fleet of it, and what an operator sees. Instants are epoch milliseconds. */
import { z } from "zod";

export const alertRules = [
  "server_down",
  "breaker_open",
  "shard_overloaded",
  "error_rate",
  "quota_near",
  "quota_reached",
  "key_expiring",
  "tool_changed",
  "certificate",
] as const;

export const alertRuleSchema = z.enum(alertRules).meta({ id: "AlertRule" });
export type AlertRule = (typeof alertRules)[number];

export const severities = ["critical", "warning", "info"] as const;
export type Severity = (typeof severities)[number];

/** How a rule judges. `threshold` is absent where there is nothing to measure. */
export interface RuleSettings {
  readonly enabled: boolean;
  readonly severity: Severity;
  /** How long it must be wrong before anybody is told. */
  readonly afterMs: number;
  /** How long it must be right before it counts as over. Grows while it keeps coming back. */
  readonly clearMs: number;
  readonly threshold?: number;
}

export type Rules = Readonly<Record<AlertRule, RuleSettings>>;

export const defaultRules: Rules = {
  server_down: { enabled: true, severity: "critical", afterMs: 10_000, clearMs: 10_000 },
  breaker_open: { enabled: true, severity: "warning", afterMs: 10_000, clearMs: 30_000 },
  shard_overloaded: { enabled: true, severity: "critical", afterMs: 10_000, clearMs: 60_000, threshold: 800 },
  error_rate: { enabled: true, severity: "warning", afterMs: 0, clearMs: 60_000, threshold: 25 },
  quota_near: { enabled: true, severity: "info", afterMs: 0, clearMs: 60_000, threshold: 80 },
  quota_reached: { enabled: true, severity: "warning", afterMs: 0, clearMs: 60_000, threshold: 100 },
  key_expiring: { enabled: true, severity: "warning", afterMs: 0, clearMs: 0, threshold: 72 },
  tool_changed: { enabled: true, severity: "warning", afterMs: 0, clearMs: 0 },
  certificate: { enabled: true, severity: "critical", afterMs: 10_000, clearMs: 10_000 },
};

/** What a shard measures against; the rest of a rule is Fleet's alone. */
export type Thresholds = Readonly<Partial<Record<AlertRule, number>>>;

/**
 * One change for the worse or the better, told once and repeated until Fleet has it. `once` is something that happened
 * and does not end: `token` tells two such happenings apart.
 */
export interface Signal {
  readonly rule: AlertRule;
  /** A server's id, a replica as `server/replica`, a key's id, or `shard:2`. */
  readonly subject: string;
  readonly is: "wrong" | "right" | "once";
  readonly at: number;
  /** A sentence for operators; empty when right. Holds no credential. */
  readonly reason: string;
  readonly token?: string;
  /** The server cannot be reached because its certificate is not to be trusted, as far as one can tell. */
  readonly certificate?: boolean;
}

export interface Alert {
  readonly seq: number;
  /** Stable, and no other alert's anywhere. */
  readonly id: string;
  readonly rule: AlertRule;
  readonly severity: Severity;
  readonly subject: string;
  readonly reason: string;
  /** When it went wrong. */
  readonly since: number;
  /** When it became an alert. */
  readonly openedAt: number;
  /** Absent while it is open. An alert of something that does not end has the instant of its opening. */
  readonly recoveredAt?: number;
}

export const alertChanges = ["opened", "recovered", "test"] as const;
export type AlertChange = (typeof alertChanges)[number];
