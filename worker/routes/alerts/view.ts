/** Alerts and all that belongs to them, as the API shows them. */
import { z } from "zod";
import {
  alertChanges,
  alertRuleSchema,
  severities,
  type Alert,
  type AlertRule,
  type RuleSettings,
} from "../../../core/contract/alert.ts";
import type { Silence } from "../../../core/contract/alert-rpc.ts";
import { deliveryStates, targetKinds, type AlertTarget, type Delivery } from "../../../core/contract/alert-target.ts";
import { instant, instantOrNull, instantSchema } from "../instant.ts";

export const alertSchema = z
  .object({
    id: z.string().describe("Stable; also in every message about it."),
    rule: alertRuleSchema,
    severity: z.enum(severities),
    subject: z.string().describe("A server's, key's or shard's id."),
    reason: z.string().describe("A sentence for operators."),
    since: instantSchema.describe("When it went wrong."),
    openedAt: instantSchema.describe("When it became an alert."),
    recoveredAt: instantSchema
      .nullable()
      .describe("Null while it is open. What does not end, such as a changed tool, has the instant of its opening."),
  })
  .meta({ id: "Alert" });

export function viewAlert({ id, rule, severity, subject, reason, since, openedAt, recoveredAt }: Alert) {
  return {
    id,
    rule,
    severity,
    subject,
    reason,
    since: instant(since),
    openedAt: instant(openedAt),
    recoveredAt: instantOrNull(recoveredAt),
  };
}

export const targetSchema = z
  .object({
    id: z.string(),
    kind: z.enum(targetKinds),
    title: z.string().nullable(),
    origin: z.string().describe("Of the address, which is never shown whole: with chat services it is a secret."),
    rules: z.array(alertRuleSchema).nullable().describe("Null is every rule."),
    allowPrivate: z.boolean(),
    disabled: z.boolean(),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: "AlertTarget" });

/** With the secret that signs, the one time that it is shown. */
export const newTargetSchema = targetSchema
  .extend({ secret: z.string().optional().describe("Of webhooks: checks their signatures. Shown this once.") })
  .meta({ id: "NewAlertTarget" });

export type TargetView = z.infer<typeof targetSchema>;

export function viewTarget(target: AlertTarget): TargetView {
  const { id, kind, title, origin, rules, allowPrivate, disabled, createdAt, updatedAt } = target;
  return {
    id,
    kind,
    title: title ?? null,
    origin,
    rules: rules ? [...rules] : null,
    allowPrivate,
    disabled,
    createdAt: instant(createdAt),
    updatedAt: instant(updatedAt),
  };
}

export const ruleSchema = z
  .object({
    rule: alertRuleSchema,
    enabled: z.boolean(),
    severity: z.enum(severities),
    afterSeconds: z.number(),
    clearSeconds: z.number(),
    threshold: z.int().nullable().describe("Null where there is nothing to measure."),
  })
  .meta({ id: "AlertRuleSettings" });

export function viewRule(rule: AlertRule, settings: RuleSettings) {
  const { enabled, severity, afterMs, clearMs, threshold } = settings;
  const seconds = { afterSeconds: afterMs / 1000, clearSeconds: clearMs / 1000 };
  return { rule, enabled, severity, ...seconds, threshold: threshold ?? null };
}

export const silenceSchema = z
  .object({
    id: z.string(),
    rules: z.array(alertRuleSchema).nullable(),
    subjects: z.array(z.string()).nullable(),
    reason: z.string().nullable(),
    createdAt: instantSchema,
    endsAt: instantSchema,
  })
  .meta({ id: "AlertSilence" });

export function viewSilence({ id, rules, subjects, reason, createdAt, endsAt }: Silence) {
  return {
    id,
    rules: rules ? [...rules] : null,
    subjects: subjects ? [...subjects] : null,
    reason: reason ?? null,
    createdAt: instant(createdAt),
    endsAt: instant(endsAt),
  };
}

export const deliverySchema = z
  .object({
    id: z.string().describe("The `webhook-id`: the same however often it is sent."),
    target: z.string(),
    change: z.enum(alertChanges),
    rule: alertRuleSchema,
    alerts: z.array(z.string()).describe("Ids of the alerts it tells of."),
    state: z.enum(deliveryStates).describe("`dead`: given up."),
    attempts: z.int(),
    answer: z.string().describe("What came of the latest attempt; empty before the first."),
    createdAt: instantSchema,
    dueAt: instantSchema.nullable().describe("When it is sent next; null when it is done with."),
  })
  .meta({ id: "AlertDelivery" });

export function viewDelivery(delivery: Delivery) {
  const { id, target, change, rule, alerts, state, attempts, answer, createdAt, dueAt } = delivery;
  const next = state === "waiting" ? instant(dueAt) : null;
  return {
    id,
    target,
    change,
    rule,
    alerts: [...alerts],
    state,
    attempts,
    answer,
    createdAt: instant(createdAt),
    dueAt: next,
  };
}
