/** What Fleet answers to about alerts, beside FleetRpc. */
import { z } from "zod";
import {
  alertRuleSchema,
  severities,
  type Alert,
  type AlertRule,
  type Rules,
  type RuleSettings,
  type Signal,
  type Thresholds,
} from "./alert.ts";
import type { AlertTarget, Delivery, TestResult } from "./alert-target.ts";
import type { Actor } from "./fleet-rpc.ts";
import type { Outcome } from "./outcome.ts";
import { toolPatternSchema } from "./pattern.ts";
import { serverIdSchema } from "./server.ts";

const seconds = z.int().min(0).max(86_400);

export const rulePatchSchema = z
  .strictObject({
    enabled: z.boolean().describe("Whether anybody is told."),
    severity: z.enum(severities),
    afterSeconds: seconds.describe("How long it must be wrong before anybody is told."),
    clearSeconds: seconds.describe(
      "How long it must be right before it counts as over; longer while it keeps coming back.",
    ),
    threshold: z
      .int()
      .min(1)
      .max(100_000)
      .describe(
        "Where it begins: percent for `error_rate` and the quotas, calls a second for `shard_overloaded`, hours for `key_expiring`.",
      ),
  })
  .partial()
  .meta({ id: "AlertRulePatch" });
export type RulePatch = z.infer<typeof rulePatchSchema>;

export const silenceInputSchema = z
  .strictObject({
    id: serverIdSchema.describe("The silence's id."),
    minutes: z.int().min(1).max(43_200).describe("How long it lasts."),
    rules: z.array(alertRuleSchema).min(1).max(20).optional().describe("The rules it is for; all when left out."),
    subjects: z
      .array(toolPatternSchema)
      .min(1)
      .max(100)
      .optional()
      .describe("The servers, keys or shards it is for, by id, `*` allowed; all when left out."),
    reason: z.string().min(1).max(500).optional().describe("Why, for people."),
  })
  .meta({ id: "AlertSilenceInput" });

export interface Silence {
  readonly id: string;
  readonly rules?: readonly AlertRule[];
  readonly subjects?: readonly string[];
  readonly reason?: string;
  readonly createdAt: number;
  readonly endsAt: number;
}

export type AlertState = "open" | "recovered";

export interface AlertRpc {
  /** News from a shard. Once it answers, they are kept; the answer is what to measure against from now on. */
  signal(signals: readonly Signal[]): Promise<Thresholds>;

  /** Newest first, below `before`; the newest of all when that is not positive. */
  alerts(state: AlertState | undefined, before: number, limit: number): Promise<readonly Alert[]>;
  deliveries(before: number, limit: number): Promise<readonly Delivery[]>;
  alertRules(): Promise<Rules>;
  changeAlertRule(rule: AlertRule, change: Partial<RuleSettings>, actor: Actor): Promise<Outcome<RuleSettings>>;

  alertTargets(): Promise<readonly AlertTarget[]>;
  alertTarget(id: string): Promise<Outcome<AlertTarget>>;
  createAlertTarget(target: AlertTarget, actor: Actor): Promise<Outcome<AlertTarget>>;
  /** `seen` is what the change was made from: when the target is no longer so, `conflict`. */
  replaceAlertTarget(
    target: AlertTarget,
    action: string,
    actor: Actor,
    seen: AlertTarget,
  ): Promise<Outcome<AlertTarget>>;
  /** What still waits for it goes with it. */
  deleteAlertTarget(id: string, actor: Actor): Promise<Outcome<AlertTarget>>;

  silences(): Promise<readonly Silence[]>;
  silence(silence: Silence, actor: Actor): Promise<Outcome<Silence>>;
  endSilence(id: string, actor: Actor): Promise<Outcome<Silence>>;

  /** Sends a test to every target that is not disabled, now, and tells what each said. */
  testAlerts(): Promise<readonly TestResult[]>;
}
