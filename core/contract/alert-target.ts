/** Where alerts are told: what an operator says of a target, and what Fleet keeps of it. */
import { z } from "zod";
import { alertRuleSchema, type AlertChange, type AlertRule } from "./alert.ts";
import { serverIdSchema } from "./server.ts";

export const alertTargetIdSchema = serverIdSchema.describe("The target's id.");

export const targetKinds = ["webhook", "slack", "pagerduty"] as const;
export type TargetKind = (typeof targetKinds)[number];

const pagerDutyUrl = "https://events.pagerduty.com/v2/enqueue";

const targetFields = {
  url: z
    .string()
    .max(2048)
    .describe(
      `Where to post to. Sealed at rest and shown by its origin only. PagerDuty: ${pagerDutyUrl} when left out.`,
    ),
  routingKey: z
    .string()
    .regex(/^[A-Za-z0-9]{32}$/, "32 letters and digits")
    .describe("PagerDuty's integration key. Sealed at rest and never shown again."),
  title: z.string().min(1).max(200).describe("A name for people."),
  rules: z.array(alertRuleSchema).min(1).max(20).describe("The rules whose alerts are told there; all when left out."),
  allowPrivate: z.boolean().describe("Lets the address be private, link-local or loopback."),
  disabled: z.boolean().describe("Kept but told nothing."),
};

export const alertTargetInputSchema = z
  .strictObject({
    id: alertTargetIdSchema,
    kind: z
      .enum(targetKinds)
      .default("webhook")
      .describe("`webhook`: signed JSON (Standard Webhooks). `slack`: a text message. `pagerduty`: Events API v2."),
    ...z.strictObject(targetFields).partial().shape,
  })
  .meta({ id: "AlertTargetInput" });
export type AlertTargetInput = z.infer<typeof alertTargetInputSchema>;

/** What is left out stays; null goes back to what a target has when nothing is said. */
export const alertTargetPatchSchema = z
  .strictObject({
    ...targetFields,
    title: targetFields.title.nullable(),
    rules: targetFields.rules.nullable(),
  })
  .partial()
  .meta({ id: "AlertTargetPatch" });
export type AlertTargetPatch = z.infer<typeof alertTargetPatchSchema>;

/** What is sealed: the address, which is a credential with most chat services, and what proves who we are. */
export interface TargetSecrets {
  readonly url: string;
  readonly routingKey?: string;
  /** Of webhooks, `whsec_…`, newest first; all that have not ended sign. */
  readonly signing: readonly { readonly secret: string; readonly endsAt?: number }[];
}

export interface AlertTarget {
  readonly id: string;
  readonly kind: TargetKind;
  readonly title?: string;
  /** Scheme, host and port of the address, for people. */
  readonly origin: string;
  /** `TargetSecrets` as JSON, sealed for `targetContext`. */
  readonly sealed: string;
  readonly rules?: readonly AlertRule[];
  readonly allowPrivate: boolean;
  readonly disabled: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function targetContext(id: string): string {
  return `alert-target:${id}`;
}

export function addressOf(kind: TargetKind, url: string | undefined): string | undefined {
  return url ?? (kind === "pagerduty" ? pagerDutyUrl : undefined);
}

export const deliveryStates = ["waiting", "delivered", "dead"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** One message to one target. Its id stays the same however often it is sent. */
export interface Delivery {
  readonly seq: number;
  readonly id: string;
  readonly target: string;
  readonly change: AlertChange;
  readonly rule: AlertRule;
  /** Ids of the alerts it tells of. */
  readonly alerts: readonly string[];
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly createdAt: number;
  /** When it is sent next, while it waits. */
  readonly dueAt: number;
  /** What came of the latest attempt; empty before the first. */
  readonly answer: string;
}

export interface TestResult {
  readonly target: string;
  readonly ok: boolean;
  /** What the target said. */
  readonly answer: string;
}
