import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Limit } from "../../../core/contract/limit.ts";
import { fullBucket, leaseTokens, settle, windowSeconds, type Bucket } from "../../../core/policies/token-bucket.ts";
import { call, clockOf, giveBack, lifeMs, run, startTrace, worstOvershoot, type Step } from "./holders.ts";

const epsilon = 1e-6;
const limits = fc.oneof(
  fc.record({ perMinute: fc.integer({ min: 1, max: 600 }), burst: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ perMinute: fc.integer({ min: 1, max: 60_000 }), burst: fc.integer({ min: 1, max: 400 }) }),
);
const holder = fc.integer({ min: 0, max: 3 });
const waits = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.constantFrom(1_999, 2_000, 2_001),
  fc.integer({ min: 0, max: 4_000 }),
  fc.integer({ min: 0, max: 120_000 }),
);
/** Runs of calls at one holder, since only those make leases grow. */
const calls = fc
  .tuple(holder, fc.integer({ min: 1, max: 120 }))
  .map(([at, count]): Step[] => Array.from({ length: count }, () => ({ do: "call", holder: at })));
const oneStep = (step: fc.Arbitrary<Step>): fc.Arbitrary<Step[]> => step.map((only) => [only]);
const steps = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: calls },
      { weight: 4, arbitrary: oneStep(waits.map((ms) => ({ do: "wait", ms }))) },
      { weight: 1, arbitrary: oneStep(holder.map((at) => ({ do: "renew", holder: at }))) },
      { weight: 1, arbitrary: oneStep(holder.map((at) => ({ do: "return", holder: at }))) },
      { weight: 1, arbitrary: oneStep(holder.map((at) => ({ do: "die", holder: at }))) },
      { weight: 1, arbitrary: oneStep(fc.integer({ min: 1, max: 20_000 }).map((ms) => ({ do: "setBack", ms }))) },
    ),
    { minLength: 1, maxLength: 24 },
  )
  .map((runs) => runs.flat());

const first = { lease: "a", reports: [], ahead: false };
const ask = (bucket: Bucket, limit: Limit, now: number) =>
  leaseTokens([{ name: "key", limit, bucket }], now, lifeMs, first);

/** Takes single tokens until refused, at one instant. */
function drain(bucket: Bucket, limit: Limit, now: number): { taken: number; bucket: Bucket; retryAfterMs: number } {
  let [taken, left] = [0, bucket];
  for (;;) {
    // Told as used at once, which leaves nothing outstanding.
    const answer = ask(left, limit, now);
    left = answer.buckets[0] ?? left;
    if (!("granted" in answer)) return { taken, bucket: left, retryAfterMs: answer.retryAfterMs };
    taken += answer.granted;
    left = settle(left, limit, now, [{ lease: first.lease, used: answer.granted - 1, unused: 0 }]);
  }
}

describe("exactness", () => {
  test("no window of any trace admits more than burst + rate x time, whatever holders and clocks do", () => {
    fc.assert(
      fc.property(limits, steps, fc.boolean(), (limit, trace, reportsUse) => {
        const state = startTrace(limit, reportsUse);
        run(state, trace);
        expect(worstOvershoot(state.admitted, limit)).toBeLessThanOrEqual(epsilon);
      }),
      { numRuns: 400 },
    );
  });

  test("level and outstanding tokens never exceed the burst", () => {
    fc.assert(
      fc.property(limits, steps, (limit, trace) => {
        const state = startTrace(limit);
        for (const step of trace) {
          run(state, [step]);
          const outstanding = state.bucket.outstanding.reduce((total, { tokens }) => total + tokens, 0);
          expect(state.bucket.level).toBeGreaterThanOrEqual(0);
          expect(state.bucket.level + outstanding).toBeLessThanOrEqual(limit.burst + epsilon);
        }
      }),
    );
  });

  test("tokens given back after the bucket has filled up are worth nothing", () => {
    const limit = { perMinute: 60_000, burst: 80 };
    let bucket = fullBucket(limit, 0);
    for (let i = 0; i < 4; i++) bucket = ask(bucket, limit, 0).buckets[0] ?? bucket;
    expect(bucket.lastGrant).toBe(8);
    const late = [{ lease: first.lease, used: 0, unused: 7 }];
    expect(drain(settle(bucket, limit, 10_000, late), limit, 10_000).taken).toBe(80);
  });
});

describe("nothing is lost", () => {
  test("a lone holder that wants all it can get gets the burst and all that time refilled", () => {
    fc.assert(
      fc.property(limits, fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 12 }), (limit, gaps) => {
        const state = startTrace(limit);
        // A bucket nobody leases from, in 60,000ths of a token.
        let plain = limit.burst * 60_000;
        let expected = 0;
        for (const gap of [0, ...gaps]) {
          run(state, [{ do: "wait", ms: gap }]);
          plain = Math.min(limit.burst * 60_000, plain + gap * limit.perMinute);
          expected += Math.floor(plain / 60_000);
          plain %= 60_000;
          while (call(state, 0));
          expect(state.admitted).toHaveLength(expected);
        }
      }),
    );
  });

  test("tokens that a lone holder gives back are all there again", () => {
    const slow = fc.record({ perMinute: fc.integer({ min: 1, max: 60 }), burst: fc.integer({ min: 100, max: 2_000 }) });
    const demands = fc.array(fc.tuple(fc.integer({ min: 20, max: 40 }), fc.integer({ min: 0, max: 3_000 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(slow, demands, fc.boolean(), (limit, wanted, reportsUse) => {
        // Enough is used up first that refilling never reaches the brim.
        const state = startTrace({ ...limit, burst: limit.burst + 1_000 }, reportsUse);
        for (let i = 0; i < 100; i++) call(state, 0);
        for (const [count, gap] of wanted) {
          for (let i = 0; i < count; i++) call(state, 0);
          run(state, [{ do: "wait", ms: gap }]);
        }
        run(state, [{ do: "wait", ms: lifeMs }]);
        giveBack(state, 0);
        const elapsedMs = state.time - 1_000_000;
        const due = state.limit.burst - state.admitted.length + (elapsedMs * limit.perMinute) / 60_000;
        expect(state.bucket.level).toBeCloseTo(due, 6);
      }),
    );
  });

  test("a holder that dies with a lease costs no more than the time its tokens take to refill", () => {
    const limit = { perMinute: 600, burst: 80 };
    const state = startTrace(limit);
    run(state, [...Array.from({ length: 20 }, (): Step => ({ do: "call", holder: 0 })), { do: "die", holder: 0 }]);
    expect(settle(state.bucket, limit, state.time + lifeMs + 8_000).level).toBe(80);
  });

  test("a holder that does not tell what it used is held to it while its leases last, and no longer", () => {
    const limit = { perMinute: 6_000, burst: 100 };
    const admittedAfter = (ms: number, reportsUse: boolean): number => {
      const state = startTrace(limit, reportsUse);
      while (call(state, 0));
      run(state, [{ do: "wait", ms }]);
      while (call(state, 0));
      return state.admitted.length - 100;
    };
    expect(admittedAfter(1_000, true)).toBe(100);
    expect(admittedAfter(1_000, false)).toBeLessThan(50);
    expect(admittedAfter(3_000, false)).toBe(100);
  });
});

describe("refusals", () => {
  test("asking again after exactly retryAfterMs succeeds, and one millisecond earlier does not", () => {
    fc.assert(
      fc.property(limits, steps, (limit, trace) => {
        const state = startTrace(limit);
        run(state, trace);
        const now = clockOf(state);
        const refused = drain(state.bucket, limit, now);
        expect(Number.isInteger(refused.retryAfterMs)).toBe(true);
        expect(ask(refused.bucket, limit, now + refused.retryAfterMs - 1)).toHaveProperty("refusedBy");
        expect(ask(refused.bucket, limit, now + refused.retryAfterMs)).toHaveProperty("granted");
      }),
    );
  });

  test("the part that keeps the caller waiting longest is named, and no part loses a token", () => {
    const slow = { perMinute: 6, burst: 2 };
    const fast = { perMinute: 600, burst: 2 };
    const empty = (limit: Limit) => drain(fullBucket(limit, 0), limit, 0).bucket;
    const free = fullBucket({ perMinute: 60, burst: 5 }, 0);
    const answer = leaseTokens(
      [
        { name: "server", limit: { perMinute: 60, burst: 5 }, bucket: free },
        { name: "key", limit: fast, bucket: empty(fast) },
        { name: "key_server", limit: slow, bucket: empty(slow) },
      ],
      0,
      lifeMs,
      first,
    );
    expect(answer).toMatchObject({ refusedBy: "key_server", retryAfterMs: 10_000, limit: slow });
    expect(answer.buckets.map(({ level }) => level)).toEqual([5, 0, 0]);
  });

  test("a refused ask still gives back what it brought", () => {
    const limit = { perMinute: 1, burst: 200 };
    const slow = { perMinute: 1, burst: 1 };
    const leased = ask(ask(fullBucket(limit, 0), limit, 0).buckets[0] ?? fullBucket(limit, 0), limit, 0).buckets[0];
    const answer = leaseTokens(
      [
        { name: "key", limit, bucket: leased ?? fullBucket(limit, 0) },
        { name: "key_server", limit: slow, bucket: drain(fullBucket(slow, 0), slow, 0).bucket },
      ],
      0,
      lifeMs,
      { ...first, reports: [{ lease: first.lease, used: 0, unused: 1 }] },
    );
    expect(answer).toHaveProperty("refusedBy", "key_server");
    expect(answer.buckets[0]).toMatchObject({ level: 198, outstanding: [] });
  });
});

describe("lease size", () => {
  const limit = { perMinute: 60, burst: 1_000 };
  const grants = (gapMs: number, count: number): number[] => {
    let bucket = fullBucket(limit, 0);
    return Array.from({ length: count }, (_, i) => {
      const answer = ask(bucket, limit, i * gapMs);
      bucket = answer.buckets[0] ?? bucket;
      return "granted" in answer ? answer.granted : 0;
    });
  };

  test("a quiet bucket leases one token at a time", () => {
    expect(grants(lifeMs + 1, 5)).toEqual([1, 1, 1, 1, 1]);
  });

  test("a busy one doubles, up to an eighth of what is left", () => {
    expect(grants(lifeMs, 10)).toEqual([1, 2, 4, 8, 16, 32, 64, 110, 97, 85]);
  });

  test("all parts lease the same number, which suits the smallest", () => {
    const small = { perMinute: 60, burst: 20 };
    let buckets = [fullBucket(limit, 0), fullBucket(small, 0)];
    const granted = [1, 2, 3].map(() => {
      const parts = [
        { name: "key", limit, bucket: buckets[0] ?? fullBucket(limit, 0) },
        { name: "server", limit: small, bucket: buckets[1] ?? fullBucket(small, 0) },
      ] as const;
      const answer = leaseTokens(parts, 0, lifeMs, first);
      buckets = answer.buckets;
      return "granted" in answer ? answer.granted : 0;
    });
    expect(granted).toEqual([1, 2, 2]);
    expect(buckets.map(({ level }) => level)).toEqual([995, 15]);
  });

  test("without any limit the lease has no end of tokens", () => {
    expect(leaseTokens([], 0, lifeMs, first)).toEqual({ granted: Infinity, buckets: [], views: [] });
  });
});

describe("what the caller is told", () => {
  test("quota and window are the policy's, remaining and reset the bucket's after the grant", () => {
    const limit = { perMinute: 100, burst: 50 };
    const first = ask(fullBucket(limit, 0), limit, 0);
    expect("views" in first && first.views).toEqual([
      { name: "key", quota: 50, windowSeconds: 30, remaining: 49, resetSeconds: 1 },
    ]);
    const second = ask(first.buckets[0] ?? fullBucket(limit, 0), limit, 0);
    expect("views" in second && second.views[0]).toMatchObject({ remaining: 47, resetSeconds: 2 });
    expect(windowSeconds({ perMinute: 7, burst: 1 })).toBe(9);
  });
});

describe("clocks and changes", () => {
  const limit = { perMinute: 60, burst: 10 };
  const empty = drain(fullBucket(limit, 100_000), limit, 100_000).bucket;

  test("a clock that falls back a little and recovers refills no time twice", () => {
    let [bucket, taken] = [empty, 0];
    for (const now of [98_000, 100_000, 97_000, 100_000, 96_000, 101_000]) {
      const drained = drain(bucket, limit, now);
      bucket = drained.bucket;
      taken += drained.taken;
    }
    expect(taken).toBe(1);
  });

  test("a clock that is set back an hour gives nothing, and keeps nobody waiting for it", () => {
    const hourBack = 100_000 - 3_600_000;
    const refused = drain(empty, limit, hourBack);
    expect(refused).toMatchObject({ taken: 0, retryAfterMs: 1_000 });
    expect(drain(refused.bucket, limit, hourBack + 3_000).taken).toBe(3);
  });

  test("a smaller burst holds from the next ask on", () => {
    const full = fullBucket({ perMinute: 60, burst: 1_000 }, 0);
    expect(drain(full, limit, 0).taken).toBe(10);
  });

  test("leases larger than a shrunken limit are waited for, and what comes back of them fits the new one", () => {
    const state = startTrace({ perMinute: 60, burst: 1_000 });
    for (let i = 0; i < 40; i++) call(state, 0);
    const refused = ask(state.bucket, limit, state.time);
    expect(refused).toHaveProperty("retryAfterMs", lifeMs + 1_000);
    expect(ask(state.bucket, limit, state.time + lifeMs + 1_000)).toHaveProperty("granted", 1);
    expect(settle(state.bucket, limit, state.time + 12_000).level).toBe(10);
  });

  test("a larger burst is refilled, not given", () => {
    const larger = { perMinute: 60, burst: 100 };
    expect(drain(empty, larger, 100_000).taken).toBe(0);
    expect(drain(empty, larger, 150_000).taken).toBe(50);
  });
});
