import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { balancings, type Candidate, type Draw } from "../../../core/policies/balancing/index.ts";
import { outliersAmong } from "../../../core/policies/balancing/outliers.ts";
import { warmth } from "../../../core/policies/balancing/slow-start.ts";

/** A small generator, so that a test is the same each time (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function candidate(replica: string, more: Partial<Candidate> = {}): Candidate {
  return { replica, weight: 1, inFlight: 0, latencyMs: 10, ...more };
}

function firsts(name: keyof typeof balancings, candidates: readonly Candidate[], draws: number) {
  const random01 = dice(7);
  const counts = new Map<string, number>();
  for (let turn = 0; turn < draws; turn += 1) {
    const [first] = balancings[name](candidates, { random01, turn, key: `key-${turn}` });
    counts.set(first?.replica ?? "", (counts.get(first?.replica ?? "") ?? 0) + 1);
  }
  return counts;
}

describe.each(Object.entries(balancings))("%s", (_name, balancing) => {
  it("names every candidate once, however many there are and whatever they weigh", () => {
    const anyCandidate = fc.record({
      weight: fc.constantFrom(0, 0.1, 1, 100),
      inFlight: fc.nat(100),
      latencyMs: fc.nat(10_000),
    });
    fc.assert(
      fc.property(fc.array(anyCandidate, { maxLength: 12 }), fc.nat(), fc.string(), (facts, seed, key) => {
        const candidates = facts.map((fact, n) => ({ replica: `r${n}`, ...fact }));
        const draw: Draw = { random01: dice(seed), turn: seed, key };
        expect(new Set(balancing(candidates, draw))).toEqual(new Set(candidates));
        expect(balancing(candidates, draw)).toHaveLength(candidates.length);
      }),
    );
  });
});

it("sends the fewest calls to the slowest and the busiest with power of two", () => {
  const slow = firsts("power_of_two", [candidate("a"), candidate("b"), candidate("slow", { latencyMs: 500 })], 3_000);
  expect(slow.get("slow")).toBeUndefined();
  const busy = firsts("power_of_two", [candidate("a", { inFlight: 5 }), candidate("b")], 100);
  expect(busy.get("a")).toBeUndefined();
});

it("tries with power of two a replica of which nothing is known", () => {
  expect(firsts("power_of_two", [candidate("known"), candidate("new", { latencyMs: 0 })], 100).get("new")).toBe(100);
});

it("takes turns with round robin", () => {
  expect(firsts("round_robin", [candidate("a"), candidate("b"), candidate("c")], 9)).toEqual(
    new Map([
      ["a", 3],
      ["b", 3],
      ["c", 3],
    ]),
  );
});

it.each(["weighted", "sticky"] as const)("sends three times as many to three times the weight with %s", (name) => {
  const counts = firsts(
    name,
    [candidate("a", { weight: 3 }), candidate("b"), candidate("none", { weight: 0 })],
    20_000,
  );
  expect(counts.get("none")).toBeUndefined();
  expect((counts.get("a") ?? 0) / 20_000).toBeGreaterThan(0.73);
  expect((counts.get("a") ?? 0) / 20_000).toBeLessThan(0.77);
});

it("keeps every key where it is with sticky, but for those of the replica that goes", () => {
  const all = ["a", "b", "c", "d"].map((replica) => candidate(replica));
  const left = all.filter(({ replica }) => replica !== "c");
  for (let n = 0; n < 1_000; n += 1) {
    const draw = { random01: () => 0, turn: n, key: `session-${n}` };
    const [before, second] = balancings.sticky(all, draw);
    const [after] = balancings.sticky(left, draw);
    expect(after?.replica).toBe(before?.replica === "c" ? second?.replica : before?.replica);
  }
});

it("warms a replica up little by little, from a tenth to its whole weight", () => {
  expect(warmth(undefined, 5_000)).toBe(1);
  expect([0, 3_000, 15_000, 30_000, 90_000].map((now) => warmth(0, now))).toEqual([0.1, 0.1, 0.5, 1, 1]);
  expect(warmth(10_000, 0)).toBe(0.1);
});

describe("outliers", () => {
  const count = (replica: string, calls: number, failures: number) => ({ replica, calls, failures });

  it("are those that fail much more often than the others", () => {
    expect(outliersAmong([count("a", 100, 1), count("b", 100, 60), count("c", 100, 2)])).toEqual(["b"]);
  });

  it("are nobody when all are equally bad, or when there is nobody to compare with", () => {
    expect(outliersAmong([count("a", 100, 60), count("b", 100, 60)])).toEqual([]);
    expect(outliersAmong([count("a", 100, 100)])).toEqual([]);
    expect(outliersAmong([])).toEqual([]);
  });

  it("are not judged by a handful of calls", () => {
    expect(outliersAmong([count("a", 19, 19), count("b", 100, 0)])).toEqual([]);
  });

  it("are never more than half of the replicas", () => {
    const anyCount = fc.nat(500).chain((calls) => fc.tuple(fc.constant(calls), fc.nat(calls)));
    fc.assert(
      fc.property(fc.array(anyCount, { maxLength: 10 }), (pairs) => {
        const counts = pairs.map(([calls, failures], n) => count(`r${n}`, calls, failures));
        expect(outliersAmong(counts).length).toBeLessThanOrEqual(counts.length / 2);
      }),
    );
  });
});
