import type { Alert, AlertChange } from "../../../core/contract/alert.ts";
import type { TargetSecrets } from "../../../core/contract/alert-target.ts";

/** What is to be told: alerts of one rule that changed alike; none in a test. */
export interface Notice {
  /** Of the delivery: the same however often it is sent. */
  readonly id: string;
  readonly change: AlertChange;
  readonly createdAt: number;
  readonly alerts: readonly Alert[];
}

export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A kind of target: what is posted there for one notice, in order. */
export type Wording = (notice: Notice, secrets: TargetSecrets, now: number) => readonly Message[];

export const json = { "content-type": "application/json" };

/** As operators read it: what is wrong with what. */
export function sentenceOf({ rule, subject, reason }: Alert): string {
  return `${titles[rule]}: ${subject}.${reason === "" ? "" : ` ${reason}`}`;
}

export const testSentence = "This is a test of Patchbay's alerts. Nothing is wrong.";

const titles = {
  server_down: "Server down",
  breaker_open: "Breaker open",
  shard_overloaded: "Shard overloaded",
  error_rate: "Many calls fail",
  quota_near: "Limit nearly used up",
  quota_reached: "Limit used up",
  key_expiring: "Key about to expire",
  tool_changed: "Tools changed",
  certificate: "Certificate trouble",
} as const satisfies Record<Alert["rule"], string>;
