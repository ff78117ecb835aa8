/** Leased tokens whose end the bucket has not been told: to be used until `endsAt`, after it only to be given back. */
import type { LeaseReport } from "../contract/leases.ts";

export interface Outstanding {
  /** The name its holder gave it. Tokens come back to their own lease only; without a name, never. */
  readonly lease?: string;
  readonly tokens: number;
  readonly endsAt: number;
}

export function sum(outstanding: readonly Outstanding[]): number {
  let total = 0;
  for (const { tokens } of outstanding) total += tokens;
  return total;
}

/** Forgets `count` tokens, those of the first leases first. */
export function forgetFirst(outstanding: readonly Outstanding[], count: number): Outstanding[] {
  let left = count;
  const rest: Outstanding[] = [];
  for (const lease of outstanding) {
    const gone = Math.min(lease.tokens, Math.max(0, left));
    left -= gone;
    if (lease.tokens > gone) rest.push({ ...lease, tokens: lease.tokens - gone });
  }
  return rest;
}

/** Ends what the reports tell of, and counts the unused tokens that were still there to be given back. */
export function endReported(
  outstanding: readonly Outstanding[],
  reports: readonly LeaseReport[],
): { givenBack: number; rest: readonly Outstanding[] } {
  if (reports.length === 0) return { givenBack: 0, rest: outstanding };
  let givenBack = 0;
  const rest: Outstanding[] = [];
  for (const lease of outstanding) {
    const report = reports.find((one) => one.lease === lease.lease);
    const back = Math.min(report?.unused ?? 0, lease.tokens);
    const left = lease.tokens - back - (report?.used ?? 0);
    givenBack += back;
    if (left > 0) rest.push({ ...lease, tokens: left });
  }
  return { givenBack, rest };
}
