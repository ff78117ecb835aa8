import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { homeOf, overridesOf, ownerOf, planPlacement, shardName } from "../../../core/policies/placement.ts";

const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `server-${i + 1}`);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const fresh = new Map<string, number>();

function loads(plan: ReadonlyMap<string, number>, shards: readonly number[]): number[] {
  return shards.map((shard) => [...plan.values()].filter((owner) => owner === shard).length);
}

function moves(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  return [...after].filter(([id, shard]) => before.has(id) && before.get(id) !== shard).length;
}

/** What no plan can do without: all of a shard that is gone, and what a shard has beyond the cap. */
function fewestMoves(before: ReadonlyMap<string, number>, servers: number, shards: readonly number[]): number {
  const cap = Math.max(Math.ceil(servers / shards.length), Math.floor((1.02 * servers) / shards.length));
  const gone = [...before.values()].filter((shard) => !shards.includes(shard)).length;
  return gone + loads(before, shards).reduce((over, load) => over + Math.max(0, load - cap), 0);
}

describe("planning", () => {
  test("170 servers on 3 shards: as even as it can be, and every server has one", () => {
    const plan = planPlacement(fresh, ids(170), upTo(3));
    expect(plan.size).toBe(170);
    expect(loads(plan, upTo(3)).toSorted((a, b) => a - b)).toEqual([56, 57, 57]);
  });

  test("3 -> 4 -> 8 -> 3 shards: the fewest moves possible, within the cap, with few overrides", () => {
    let plan = planPlacement(fresh, ids(170), upTo(3));
    const seen = [4, 8, 3].map((count) => {
      const next = planPlacement(plan, ids(170), upTo(count));
      const fewest = fewestMoves(plan, 170, upTo(count));
      const moved = moves(plan, next);
      expect(moved).toBeLessThanOrEqual(1.2 * fewest);
      expect(Math.max(...loads(next, upTo(count)))).toBeLessThanOrEqual((1.1 * 170) / count);
      const overrides = Object.keys(overridesOf(next, upTo(count))).length;
      plan = next;
      return { moved, fewest, overrides };
    });
    expect(seen).toEqual([
      { moved: 41, fewest: 41, overrides: 19 },
      { moved: 82, fewest: 82, overrides: 20 },
      { moved: 104, fewest: 104, overrides: 9 },
    ]);
  });

  test("any fleet, any change: the fewest moves possible, and no shard above max(ceil(mean), floor(1.02 mean))", () => {
    const shardSet = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.array(shardSet, { minLength: 1, maxLength: 4 }),
        (count, steps) => {
          let plan: ReadonlyMap<string, number> = fresh;
          for (const shards of steps) {
            const next = planPlacement(plan, ids(count), shards);
            const cap = Math.max(Math.ceil(count / shards.length), Math.floor((1.02 * count) / shards.length));
            expect([...next.keys()].sort()).toEqual(ids(count).sort());
            expect(Math.max(...loads(next, shards))).toBeLessThanOrEqual(cap);
            expect(moves(plan, next)).toBe(fewestMoves(plan, count, shards));
            plan = next;
          }
        },
      ),
    );
  });

  test("servers that come one by one stay within the cap and move nobody", () => {
    let plan: ReadonlyMap<string, number> = fresh;
    for (let count = 1; count <= 170; count++) {
      const next = planPlacement(plan, ids(count), upTo(3));
      expect(moves(plan, next)).toBe(0);
      expect(Math.max(...loads(next, upTo(3)))).toBeLessThanOrEqual(Math.max(Math.ceil(count / 3), (1.1 * count) / 3));
      plan = next;
    }
    expect(Object.keys(overridesOf(plan, upTo(3))).length).toBeLessThanOrEqual(60);
  });

  test("the order in which servers and shards are named changes nothing", () => {
    const plan = planPlacement(fresh, ids(170), upTo(4));
    const again = planPlacement(fresh, ids(170).toReversed(), upTo(4).toReversed());
    expect(again).toEqual(plan);
    expect(planPlacement(plan, ids(170), upTo(4))).toEqual(plan);
  });

  test("those who leave an over-full shard are nearly all whom the hash wants elsewhere", () => {
    const plan = planPlacement(fresh, ids(1_000), upTo(3));
    const next = planPlacement(plan, ids(1_000), upTo(4));
    const hash = { revision: 1, shards: upTo(4), overrides: {}, previousShards: [] };
    const moved = [...next].filter(([id, shard]) => plan.get(id) !== shard);
    expect(moved.every(([, shard]) => shard === 4)).toBe(true);
    expect(moved.filter(([id]) => ownerOf(hash, id) === 4).length).toBeGreaterThan(0.9 * moved.length);
  });
});

describe("finding", () => {
  test("the map says of every server what the plan said", () => {
    for (const shards of [upTo(3), upTo(8), [2, 5, 9]]) {
      const plan = planPlacement(fresh, ids(170), shards);
      const map = { revision: 1, shards, overrides: overridesOf(plan, shards), previousShards: [] };
      expect(ids(170).map((id) => ownerOf(map, id))).toEqual(ids(170).map((id) => plan.get(id)));
    }
  });

  test("keys spread evenly, and a new shard takes its share and nothing more", () => {
    const keys = Array.from({ length: 9_000 }, (_, i) => `k${(i * 7_919).toString(36)}`);
    const homes = keys.map((key) => homeOf(upTo(3), key));
    for (const shard of upTo(3)) expect(homes.filter((home) => home === shard).length).toBeGreaterThan(2_800);
    const after = keys.map((key) => homeOf(upTo(4), key));
    const moved = after.filter((home, i) => home !== homes[i]);
    expect(moved.every((home) => home === 4)).toBe(true);
    expect(moved.length).toBeGreaterThan(2_050);
    expect(moved.length).toBeLessThan(2_450);
  });

  test("homes and owners never change: another hash would send keys away from their buckets", () => {
    const keys = ["0000000000", "aZ09bY18cX", "zzzzzzzzzz", "Patchbay01"];
    expect(keys.map((key) => homeOf(upTo(8), key))).toEqual([4, 2, 7, 6]);
    const map = { revision: 1, shards: upTo(8), overrides: { slack: 7 }, previousShards: [] };
    expect(["memory", "everything", "slack", "constructor", ""].map((id) => ownerOf(map, id))).toEqual([1, 8, 7, 1, 8]);
    expect(shardName(3)).toBe("shard:3");
  });

  test("a fleet without shards is a bug", () => {
    expect(() => homeOf([], "key")).toThrow("at least one shard");
  });
});
