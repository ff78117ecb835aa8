/**
 * A cheap guard in front of the keys: an address that keeps sending bad ones is not looked at for a while.
 * Only failures count, so a good key is never slowed by itself; loopback is the operator's own machine.
 * Module memory of one isolate: a guess that may vanish. Exact limits are the admission's.
 */
import type { Failure } from "../../core/contract/failure.ts";

const burst = 200;
const perSecond = 5;
const maxAddresses = 10_000;

interface Tally {
  level: number;
  at: number;
}

const tallies = new Map<string, Tally>();

/** The refusal, when this address has used up its failures. */
export function refusal(address: string, now: number): Failure | undefined {
  const tally = tallies.get(address);
  if (!tally) return undefined;
  refill(tally, now);
  if (tally.level >= 1) return undefined;
  return { code: "too_many_failures", retryAfterMs: Math.ceil(((1 - tally.level) / perSecond) * 1000) };
}

export function noteBadKey(address: string, now: number): void {
  const tally = tallies.get(address) ?? { level: burst, at: now };
  refill(tally, now);
  tally.level = Math.max(0, tally.level - 1);
  tallies.delete(address);
  tallies.set(address, tally);
  if (tallies.size > maxAddresses) tallies.delete(tallies.keys().next().value ?? "");
}

function refill(tally: Tally, now: number): void {
  tally.level = Math.min(burst, tally.level + (Math.max(0, now - tally.at) / 1000) * perSecond);
  tally.at = now;
}
