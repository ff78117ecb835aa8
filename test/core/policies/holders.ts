/** Several holders of leases on one bucket, as Worker isolates hold them: a trace to run, and what it admitted. */
import { fullBucket, leaseTokens, settle, type Bucket } from "../../../core/policies/token-bucket.ts";
import type { LeaseReport } from "../../../core/contract/leases.ts";
import type { Limit } from "../../../core/contract/limit.ts";

export const lifeMs = 2_000;

export type Step =
  /** A request at this holder; asks the bucket when no live lease of its own has a token. */
  | { readonly do: "call"; readonly holder: number }
  /** Asks ahead of need: no token of the grant is used at once. */
  | { readonly do: "renew"; readonly holder: number }
  /** Gives back what ended, without asking. */
  | { readonly do: "return"; readonly holder: number }
  /** The isolate is gone and reports nothing any more. */
  | { readonly do: "die"; readonly holder: number }
  | { readonly do: "wait"; readonly ms: number }
  /** The clock is set back, while time goes on. */
  | { readonly do: "setBack"; readonly ms: number };

interface Lease {
  readonly lease: string;
  tokens: number;
  used: number;
  readonly endsAt: number;
}

export interface Trace {
  readonly limit: Limit;
  bucket: Bucket;
  /** Real time, which never goes back; the bucket sees `time - clockBehindMs`. */
  time: number;
  clockBehindMs: number;
  asked: number;
  /** Real instants of all admitted calls. */
  readonly admitted: number[];
  readonly leases: Map<number, Lease[]>;
  readonly reportsUse: boolean;
}

export function startTrace(limit: Limit, reportsUse = true): Trace {
  const start = 1_000_000;
  return {
    limit,
    bucket: fullBucket(limit, start),
    time: start,
    clockBehindMs: 0,
    asked: 0,
    admitted: [],
    leases: new Map(),
    reportsUse,
  };
}

export function run(trace: Trace, steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.do === "wait") trace.time += step.ms;
    else if (step.do === "setBack") trace.clockBehindMs += step.ms;
    else if (step.do === "die") trace.leases.delete(step.holder);
    else if (step.do === "return") giveBack(trace, step.holder);
    else if (step.do === "renew") ask(trace, step.holder, true);
    else call(trace, step.holder);
  }
}

export function call(trace: Trace, holder: number): boolean {
  const lease = leasesOf(trace, holder).find(({ tokens, endsAt }) => tokens > 0 && trace.time < endsAt);
  if (lease === undefined) return ask(trace, holder, false);
  lease.tokens--;
  lease.used++;
  trace.admitted.push(trace.time);
  return true;
}

function ask(trace: Trace, holder: number, ahead: boolean): boolean {
  const reports = report(trace, holder);
  const part = { name: "key", limit: trace.limit, bucket: trace.bucket } as const;
  const lease = `lease-${trace.asked++}`;
  const answer = leaseTokens([part], clockOf(trace), lifeMs, { reports, lease, ahead });
  trace.bucket = answer.buckets[0] ?? trace.bucket;
  if (!("granted" in answer)) return false;
  if (!ahead) trace.admitted.push(trace.time);
  const tokens = ahead ? answer.granted : answer.granted - 1;
  leasesOf(trace, holder).push({ lease, tokens, used: 0, endsAt: trace.time + lifeMs });
  return true;
}

export function giveBack(trace: Trace, holder: number): void {
  trace.bucket = settle(trace.bucket, trace.limit, clockOf(trace), report(trace, holder));
}

/** What the holder tells: each token once, unused ones only when their lease has ended. */
function report(trace: Trace, holder: number): LeaseReport[] {
  const held = leasesOf(trace, holder);
  const reports = held.map(({ lease, used, tokens, endsAt }) => ({
    lease,
    used: trace.reportsUse ? used : 0,
    unused: trace.time < endsAt ? 0 : tokens,
  }));
  for (const lease of held) lease.used = 0;
  trace.leases.set(
    holder,
    held.filter(({ endsAt }) => trace.time < endsAt),
  );
  return reports;
}

export function clockOf(trace: Trace): number {
  return trace.time - trace.clockBehindMs;
}

function leasesOf(trace: Trace, holder: number): Lease[] {
  const leases = trace.leases.get(holder) ?? [];
  trace.leases.set(holder, leases);
  return leases;
}

/** The most by which any window of the trace admitted more than burst + rate x its length; at most 0 when exact. */
export function worstOvershoot(admitted: readonly number[], limit: Limit): number {
  let worst = -Infinity;
  for (let first = 0; first < admitted.length; first++) {
    for (let last = first; last < admitted.length; last++) {
      const elapsedMs = (admitted[last] ?? 0) - (admitted[first] ?? 0);
      worst = Math.max(worst, last - first + 1 - limit.burst - (limit.perMinute * elapsedMs) / 60_000);
    }
  }
  return worst;
}
