/**
 * Servers whose breaker is open, as far as this isolate was told: who calls them is refused without asking anybody, and
 * the leases from before are of no use. Once its time is over the shard is asked again, and gives one probe to one.
 */
import type { Failure } from "../../core/contract/failure.ts";

interface Open {
  readonly failure: Failure;
  readonly endsAt: number;
}

const mostOpen = 10_000;
/** While this isolate's own call is the probe nobody else need ask. */
const probedMs = 1_000;

const breakers = new Map<string, Open>();

export function noteOpen(failure: Failure, now: number): void {
  if (failure.code !== "breaker_open") return;
  breakers.set(failure.server, { failure, endsAt: now + failure.retryAfterMs });
  if (breakers.size > mostOpen) breakers.delete(breakers.keys().next().value ?? "");
}

/** Undefined: nothing is known against it. `due`: its time is over, the shard must say. */
export function openBreaker(server: string, now: number): Failure | "due" | undefined {
  if (breakers.size === 0) return undefined;
  const open = breakers.get(server);
  if (open === undefined) return undefined;
  const { failure, endsAt } = open;
  if (endsAt <= now || failure.code !== "breaker_open") return "due";
  return { ...failure, retryAfterMs: endsAt - now };
}

export function noteProbed(server: string, now: number): void {
  const open = breakers.get(server);
  if (open) breakers.set(server, { ...open, endsAt: now + probedMs });
}

export function noteClosed(server: string): void {
  breakers.delete(server);
}
