/** Refusals for a used-up limit, remembered until they say to come back: a flood past the limit costs no object call. */
import type { Failure } from "../../core/contract/failure.ts";

const maxRefusals = 10_000;
const refusals = new Map<string, { failure: Failure; endsAt: number }>();

export function noteRefusal(name: string, failure: Failure, now: number): void {
  if (failure.code !== "rate_limited") return;
  refusals.set(name, { failure, endsAt: now + failure.retryAfterMs });
  if (refusals.size > maxRefusals) refusals.delete(refusals.keys().next().value ?? "");
}

export function refusalOf(name: string, now: number): Failure | undefined {
  const refusal = refusals.get(name);
  if (!refusal) return undefined;
  if (refusal.endsAt <= now) {
    refusals.delete(name);
    return undefined;
  }
  const { failure } = refusal;
  return failure.code === "rate_limited" ? { ...failure, retryAfterMs: refusal.endsAt - now } : failure;
}
