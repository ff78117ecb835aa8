/** The kinds of targets. A new one is one file, one line here and its name in the contract. */
import type { TargetKind } from "../../../core/contract/alert-target.ts";
import type { Wording } from "./message.ts";
import { pagerduty } from "./pagerduty.ts";
import { slack } from "./slack.ts";
import { webhook } from "./webhook.ts";

export const wordings: Readonly<Record<TargetKind, Wording>> = { webhook, slack, pagerduty };
