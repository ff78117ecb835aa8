import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Limit } from "../../../core/contract/limit.ts";
import { fullBucket, leaseTokens, settle, windowSeconds, type Bucket } from "../../../core/policies/token-bucket.ts";
import { anyLimit, anySteps, call, clockOf, lifeMs, run, startTrace } from "./lease-trace.ts";

const plainAsk = { lease: "a", reports: [], ahead: false };
const ask = (bucket: Bucket, limit: Limit, now: number) =>
  leaseTokens([{ name: "key", limit, bucket }], now, lifeMs, plainAsk);

/** Takes single tokens until refused, at one instant. */
function drain(bucket: Bucket, limit: Limit, now: number): { taken: number; bucket: Bucket; retryAfterMs: number } {
  let [taken, left] = [0, bucket];
  for (;;) {
    // Told as used at once, which leaves nothing outstanding.
    const answer = ask(left, limit, now);
    left = answer.buckets[0] ?? left;
    if (!("granted" in answer)) return { taken, bucket: left, retryAfterMs: answer.retryAfterMs };
    taken += answer.granted;
    left = settle(left, limit, now, [{ lease: plainAsk.lease, used: answer.granted - 1, unused: 0 }]);
  }
}

describe("refusals", () => {
  test("asking again after exactly retryAfterMs succeeds, and one millisecond earlier does not", () => {
    fc.assert(
      fc.property(anyLimit, anySteps, (limit, steps) => {
        const trace = startTrace(limit);
        run(trace, steps);
        const now = clockOf(trace);
        const refused = drain(trace.key.bucket, limit, now);
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
      plainAsk,
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
      { ...plainAsk, reports: [{ lease: plainAsk.lease, used: 0, unused: 1 }] },
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
      const answer = leaseTokens(parts, 0, lifeMs, plainAsk);
      buckets = answer.buckets;
      return "granted" in answer ? answer.granted : 0;
    });
    expect(granted).toEqual([1, 2, 2]);
    expect(buckets.map(({ level }) => level)).toEqual([995, 15]);
  });

  test("without any limit the lease has no end of tokens", () => {
    expect(leaseTokens([], 0, lifeMs, plainAsk)).toEqual({ granted: Infinity, buckets: [], views: [] });
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

  test("a clock that is set back takes the leases along: they end when they would have ended", () => {
    const trace = startTrace({ perMinute: 60, burst: 40 });
    for (let i = 0; i < 6; i++) call(trace, 0);
    const hourBack = trace.time - 3_600_000;
    const bucket = settle(trace.key.bucket, limit, hourBack);
    expect(bucket.outstanding).not.toEqual([]);
    expect(settle(bucket, limit, hourBack + lifeMs + 10_000)).toMatchObject({ level: 10, outstanding: [] });
  });

  test("a bucket that is looked at every millisecond refills like one that is left alone", () => {
    const odd = { perMinute: 7, burst: 10 };
    let watched = drain(fullBucket(odd, 0), odd, 0).bucket;
    const alone = settle(watched, odd, 30_000);
    for (let now = 1; now <= 30_000; now++) watched = settle(watched, odd, now);
    expect(watched.level).toBe(3.5);
    expect(alone.level).toBe(3.5);
  });

  test("a smaller burst holds from the next ask on", () => {
    const wasLarger = fullBucket({ perMinute: 60, burst: 1_000 }, 0);
    expect(drain(wasLarger, limit, 0).taken).toBe(10);
  });

  test("leases larger than a shrunken limit are waited for, and what comes back of them fits the new one", () => {
    const trace = startTrace({ perMinute: 60, burst: 1_000 });
    for (let i = 0; i < 40; i++) call(trace, 0);
    const { bucket } = trace.key;
    const refused = ask(bucket, limit, trace.time);
    expect(refused).toHaveProperty("retryAfterMs", lifeMs + 1_000);
    expect(ask(bucket, limit, trace.time + lifeMs + 1_000)).toHaveProperty("granted", 1);
    expect(settle(bucket, limit, trace.time + 12_000).level).toBe(10);
  });

  test("tokens that come back to a shrunken limit do not lift it", () => {
    const trace = startTrace({ perMinute: 60, burst: 1_000 });
    for (let i = 0; i < 40; i++) call(trace, 0);
    const unused = trace.key.bucket.outstanding.map(({ lease = "", tokens }) => ({ lease, unused: tokens, used: 0 }));
    expect(settle(trace.key.bucket, limit, trace.time, unused)).toMatchObject({ level: 10, outstanding: [] });
  });

  test("a larger burst is refilled, not given", () => {
    const larger = { perMinute: 60, burst: 100 };
    expect(drain(empty, larger, 100_000).taken).toBe(0);
    expect(drain(empty, larger, 150_000).taken).toBe(50);
  });
});
