/** Holders of leases on a key's buckets, as Worker isolates are: traces of what they do, and what that admitted. */
import * as fc from "fast-check";
import type { LeaseReport } from "../../../core/contract/leases.ts";
import type { Limit } from "../../../core/contract/limit.ts";
import { fullBucket, leaseTokens, settle, type Bucket } from "../../../core/policies/token-bucket.ts";

export const lifeMs = 2_000;
const start = 1_000_000;

export type Step =
  /** A request: from a live lease if the holder has one, else it asks. `limited`: to a server with a limit of its own. */
  | { readonly do: "call"; readonly holder: number; readonly limited: boolean }
  /** Asks ahead of need: no token of the grant is used at once. */
  | { readonly do: "renew"; readonly holder: number; readonly limited: boolean }
  /** Reports without asking. */
  | { readonly do: "report"; readonly holder: number }
  /** The isolate is gone and reports nothing any more. */
  | { readonly do: "die"; readonly holder: number }
  | { readonly do: "wait"; readonly ms: number }
  /** The clock is set back, while time goes on. */
  | { readonly do: "setBack"; readonly ms: number };

interface HeldLease {
  readonly lease: string;
  readonly limited: boolean;
  tokens: number;
  used: number;
  readonly endsAt: number;
}

/** One bucket and the real instants of all calls it admitted. */
export interface Counted {
  readonly name: "key" | "key_server";
  readonly limit: Limit;
  bucket: Bucket;
  readonly admitted: number[];
}

export interface Trace {
  readonly key: Counted;
  readonly keyServer: Counted;
  /** Real time, which never goes back; the buckets see `time - clockBehindMs`. */
  time: number;
  clockBehindMs: number;
  leases: number;
  readonly held: Map<number, HeldLease[]>;
  readonly reportsUse: boolean;
}

export function startTrace(limit: Limit, serverLimit = limit, reportsUse = true): Trace {
  const counted = (name: Counted["name"], of: Limit): Counted => ({
    name,
    limit: of,
    bucket: fullBucket(of, start),
    admitted: [],
  });
  return {
    key: counted("key", limit),
    keyServer: counted("key_server", serverLimit),
    time: start,
    clockBehindMs: 0,
    leases: 0,
    held: new Map(),
    reportsUse,
  };
}

export function run(trace: Trace, steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.do === "wait") trace.time += step.ms;
    else if (step.do === "setBack") trace.clockBehindMs += step.ms;
    else if (step.do === "die") trace.held.delete(step.holder);
    else if (step.do === "report") report(trace, step.holder);
    else if (step.do === "renew") ask(trace, step.holder, step.limited, true);
    else call(trace, step.holder, step.limited);
  }
}

export function call(trace: Trace, holder: number, limited = false): boolean {
  const lease = heldBy(trace, holder).find(
    (one) => one.limited === limited && one.tokens > 0 && trace.time < one.endsAt,
  );
  if (lease === undefined) return ask(trace, holder, limited, false);
  lease.tokens--;
  lease.used++;
  for (const { admitted } of countedBy(trace, limited)) admitted.push(trace.time);
  return true;
}

export function report(trace: Trace, holder: number): void {
  const reports = collectReports(trace, holder);
  for (const one of [trace.key, trace.keyServer]) one.bucket = settle(one.bucket, one.limit, clockOf(trace), reports);
}

export function clockOf(trace: Trace): number {
  return trace.time - trace.clockBehindMs;
}

/** The most by which any window admitted more than burst + rate x its length; at most 0 when exact. */
export function worstOvershoot({ admitted, limit }: Pick<Counted, "admitted" | "limit">): number {
  let worst = -Infinity;
  for (let first = 0; first < admitted.length; first++) {
    for (let last = first; last < admitted.length; last++) {
      const elapsedMs = (admitted[last] ?? 0) - (admitted[first] ?? 0);
      worst = Math.max(worst, last - first + 1 - limit.burst - (limit.perMinute * elapsedMs) / 60_000);
    }
  }
  return worst;
}

function ask(trace: Trace, holder: number, limited: boolean, ahead: boolean): boolean {
  const reports = collectReports(trace, holder);
  const counted = countedBy(trace, limited);
  const lease = `lease-${trace.leases++}`;
  const answer = leaseTokens(counted, clockOf(trace), lifeMs, { reports, lease, ahead });
  for (const [index, one] of counted.entries()) one.bucket = answer.buckets[index] ?? one.bucket;
  if (!("granted" in answer)) return false;
  if (!ahead) for (const { admitted } of counted) admitted.push(trace.time);
  // A holder counts from when it asked, so its lease ends a little before the bucket thinks so.
  const endsAt = trace.time + lifeMs - 10 * holder;
  heldBy(trace, holder).push({ lease, limited, tokens: ahead ? answer.granted : answer.granted - 1, used: 0, endsAt });
  return true;
}

/** Tells each token once, unused ones when their lease has ended. */
function collectReports(trace: Trace, holder: number): LeaseReport[] {
  const held = heldBy(trace, holder);
  const reports = held.map(({ lease, used, tokens, endsAt }) => ({
    lease,
    used: trace.reportsUse ? used : 0,
    unused: trace.time < endsAt ? 0 : tokens,
  }));
  for (const lease of held) lease.used = 0;
  trace.held.set(
    holder,
    held.filter(({ endsAt }) => trace.time < endsAt),
  );
  return reports;
}

function heldBy(trace: Trace, holder: number): HeldLease[] {
  const held = trace.held.get(holder) ?? [];
  trace.held.set(holder, held);
  return held;
}

function countedBy(trace: Trace, limited: boolean): Counted[] {
  return limited ? [trace.key, trace.keyServer] : [trace.key];
}

/** Quick ones fill up within a lease's life, slow ones do not. */
export const anyLimit: fc.Arbitrary<Limit> = fc.oneof(
  fc.record({ perMinute: fc.integer({ min: 3_000, max: 60_000 }), burst: fc.integer({ min: 16, max: 100 }) }),
  fc.record({ perMinute: fc.integer({ min: 1, max: 600 }), burst: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ perMinute: fc.integer({ min: 1, max: 60_000 }), burst: fc.integer({ min: 1, max: 400 }) }),
);

const who = fc.record({ holder: fc.integer({ min: 0, max: 3 }), limited: fc.boolean() });
const wait = fc.oneof(
  fc.integer({ min: 0, max: 200 }),
  fc.constantFrom(1_970, 1_999, 2_000, 2_001),
  fc.integer({ min: 0, max: 4_000 }),
  fc.integer({ min: 0, max: 120_000 }),
);
const once = (step: fc.Arbitrary<Step>): fc.Arbitrary<Step[]> => step.map((only) => [only]);

export const anySteps: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      // Runs of calls at one holder, since only those make leases grow.
      {
        weight: 5,
        arbitrary: fc
          .tuple(who, fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 150 })))
          .map(([caller, count]): Step[] => Array.from({ length: count }, () => ({ do: "call", ...caller }))),
      },
      { weight: 4, arbitrary: once(wait.map((ms) => ({ do: "wait", ms }))) },
      { weight: 1, arbitrary: once(who.map((caller) => ({ do: "renew", ...caller }))) },
      { weight: 1, arbitrary: once(who.map(({ holder }) => ({ do: "report", holder }))) },
      { weight: 1, arbitrary: once(who.map(({ holder }) => ({ do: "die", holder }))) },
      { weight: 1, arbitrary: once(fc.integer({ min: 1, max: 20_000 }).map((ms) => ({ do: "setBack", ms }))) },
    ),
    { minLength: 1, maxLength: 24 },
  )
  .map((runs) => runs.flat());
