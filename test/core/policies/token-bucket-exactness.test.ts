import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { settle } from "../../../core/policies/token-bucket.ts";
import { anyLimit, anySteps, call, lifeMs, report, run, startTrace, worstOvershoot, type Step } from "./lease-trace.ts";

const epsilon = 1e-6;
const calls = (count: number): Step[] =>
  Array.from({ length: count }, () => ({ do: "call", holder: 0, limited: false }));

describe("never too much", () => {
  test("no window of any trace admits more than burst + rate x time, whatever holders and clocks do", () => {
    fc.assert(
      fc.property(anyLimit, anyLimit, anySteps, fc.boolean(), (limit, serverLimit, steps, reportsUse) => {
        const trace = startTrace(limit, serverLimit, reportsUse);
        run(trace, steps);
        expect(worstOvershoot(trace.key)).toBeLessThanOrEqual(epsilon);
        expect(worstOvershoot(trace.keyServer)).toBeLessThanOrEqual(epsilon);
      }),
      { numRuns: 1_000 },
    );
  });

  test("level and outstanding tokens together never exceed the burst", () => {
    fc.assert(
      fc.property(anyLimit, anySteps, (limit, steps) => {
        const trace = startTrace(limit);
        for (const step of steps) {
          run(trace, [step]);
          const { level, outstanding } = trace.key.bucket;
          const leased = outstanding.reduce((total, { tokens }) => total + tokens, 0);
          expect(level).toBeGreaterThanOrEqual(0);
          expect(level + leased).toBeLessThanOrEqual(limit.burst + epsilon);
        }
      }),
    );
  });

  test("time in which leased tokens could still be used does not refill their places", () => {
    const trace = startTrace({ perMinute: 60_000, burst: 80 });
    run(trace, calls(10));
    run(trace, [{ do: "wait", ms: lifeMs - 1 }, ...calls(5), { do: "wait", ms: 1 }]);
    while (call(trace, 1));
    expect(trace.key.admitted.length).toBeGreaterThan(80);
    expect(worstOvershoot(trace.key)).toBeLessThanOrEqual(0);
  });

  test("a token that comes back late does not take the place of one that is leased since", () => {
    const trace = startTrace({ perMinute: 600, burst: 80 });
    run(trace, calls(6)); // Holder 0 keeps a lease with a token left,
    run(trace, [{ do: "wait", ms: 60_000 }]); // which refilling has made worthless when the bucket is full again.
    while (call(trace, 1)); // Holder 1 takes all there is,
    run(trace, [{ do: "wait", ms: lifeMs }]);
    report(trace, 0);
    while (call(trace, 2));
    expect(worstOvershoot(trace.key)).toBeLessThanOrEqual(0);
  });
});

describe("nothing is lost", () => {
  test("a lone holder that wants all it can get gets the burst and all that time refilled", () => {
    fc.assert(
      fc.property(anyLimit, fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 12 }), (limit, gaps) => {
        const trace = startTrace(limit);
        // A bucket nobody leases from, in 60,000ths of a token.
        let plain = limit.burst * 60_000;
        let expected = 0;
        for (const gap of [0, ...gaps]) {
          run(trace, [{ do: "wait", ms: gap }]);
          plain = Math.min(limit.burst * 60_000, plain + gap * limit.perMinute);
          expected += Math.floor(plain / 60_000);
          plain %= 60_000;
          while (call(trace, 0));
          expect(trace.key.admitted).toHaveLength(expected);
        }
      }),
    );
  });

  test("tokens that a lone holder gives back are all there again", () => {
    const slow = fc.record({
      perMinute: fc.integer({ min: 1, max: 60 }),
      burst: fc.integer({ min: 1_100, max: 3_000 }),
    });
    const demand = fc.tuple(fc.integer({ min: 20, max: 40 }), fc.integer({ min: 0, max: 3_000 }));
    fc.assert(
      fc.property(
        slow,
        fc.array(demand, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (limit, demands, reportsUse) => {
          const trace = startTrace(limit, limit, reportsUse);
          run(trace, calls(100)); // So that refilling never reaches the brim.
          for (const [count, ms] of demands) run(trace, [...calls(count), { do: "wait", ms }]);
          run(trace, [{ do: "wait", ms: lifeMs }]);
          report(trace, 0);
          const refilled = ((trace.time - 1_000_000) * limit.perMinute) / 60_000;
          expect(trace.key.bucket.level).toBeCloseTo(limit.burst - trace.key.admitted.length + refilled, 6);
        },
      ),
    );
  });

  test("a holder that dies with a lease costs no more than the time its tokens take to refill", () => {
    const limit = { perMinute: 600, burst: 80 };
    const trace = startTrace(limit);
    run(trace, [...calls(20), { do: "die", holder: 0 }]);
    expect(settle(trace.key.bucket, limit, trace.time + lifeMs + 8_000).level).toBe(80);
  });

  test("a holder that does not tell what it used is held to it while its leases last, and no longer", () => {
    const admittedAfter = (ms: number, reportsUse: boolean): number => {
      const limit = { perMinute: 6_000, burst: 100 };
      const trace = startTrace(limit, limit, reportsUse);
      while (call(trace, 0));
      run(trace, [{ do: "wait", ms }]);
      while (call(trace, 0));
      return trace.key.admitted.length - 100;
    };
    expect(admittedAfter(1_000, true)).toBe(100);
    expect(admittedAfter(1_000, false)).toBeLessThan(50);
    expect(admittedAfter(3_000, false)).toBe(100);
  });
});
