import fc from "fast-check";
import { expect, it } from "vitest";
import {
  recommend,
  usualAutoscaleRules,
  type AutoscaleRules,
  type ShardLoad,
} from "../../../core/policies/autoscale.ts";

const rules: AutoscaleRules = { ...usualAutoscaleRules, dryRun: false, ceiling: 16 };
const hour = 3_600_000;

function fleet(shards: number, servers: number, load: number): ShardLoad[] {
  return Array.from({ length: shards }, () => ({ servers: servers / shards, load: load / shards }));
}

it.each([
  ["few servers and no load", 1, 170, 0.1, 1],
  ["more servers than one shard should have", 1, 2_500, 0.1, 2],
  ["more load than three shards should have", 3, 170, 2.4, 5],
  ["twice as many shards at most", 2, 100_000, 8, 4],
  ["never more than the ceiling", 16, 1_000_000, 99, 16],
  ["not fewer when it would be tight", 4, 170, 1.4, 4],
  ["fewer when there is room to spare", 4, 170, 0.9, 3],
  ["half as many at least", 16, 10, 0, 8],
])("wants for %s: from %i shards with %i servers and a load of %f to %i", (_what, shards, servers, load, wanted) => {
  const said = recommend(fleet(shards, servers, load), 0, hour, rules);
  expect(said.shards, said.reason).toBe(wanted);
  expect(said.isOrder).toBe(wanted !== shards);
  expect(said.reason).not.toBe("");
});

it("waits after a change, a minute to grow and a quarter of an hour to shrink", () => {
  const grow = (quietMs: number): number => recommend(fleet(1, 10, 2), hour, hour + quietMs, rules).shards;
  expect([grow(59_999), grow(60_000)]).toEqual([1, 2]);
  const shrink = (quietMs: number): number => recommend(fleet(4, 10, 0), hour, hour + quietMs, rules).shards;
  expect([shrink(899_999), shrink(900_000)]).toEqual([4, 2]);
});

it("only says what it would do on a dry run", () => {
  expect(recommend(fleet(1, 10, 2), 0, hour, { ...rules, dryRun: true })).toMatchObject({ shards: 2, isOrder: false });
});

it("keeps to its floor and ceiling, and says something, whatever the fleet is like", () => {
  const shard = fc.record({ servers: fc.nat(20_000), load: fc.double({ min: 0, max: 4, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(shard, { minLength: 1, maxLength: 30 }), fc.nat(10 * hour), (shards, quietMs) => {
      const said = recommend(shards, hour, hour + quietMs, { ...rules, floor: 2 });
      expect(!said.isOrder || (said.shards >= 2 && said.shards <= 16)).toBe(true);
      expect(said.reason).not.toBe("");
    }),
  );
});

it("never turns back at once: what it grew to for a load, it does not shrink from under the same load", () => {
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.double({ min: 0, max: 20, noNaN: true }),
      fc.integer({ min: 1, max: 16 }),
      (servers, load, shards) => {
        const said = recommend(fleet(shards, servers, load), 0, hour, rules);
        const next = recommend(fleet(said.shards, servers, load), 0, hour, rules);
        expect(said.shards <= shards || next.shards >= said.shards).toBe(true);
        expect(said.shards >= shards || next.shards <= said.shards).toBe(true);
      },
    ),
  );
});

it("comes to rest under a steady load", () => {
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.double({ min: 0, max: 20, noNaN: true }),
      fc.integer({ min: 1, max: 16 }),
      (servers, load, shards) => {
        let count = shards;
        for (let n = 0; n < 10; n += 1) count = recommend(fleet(count, servers, load), 0, hour, rules).shards;
        expect(recommend(fleet(count, servers, load), 0, hour, rules).shards).toBe(count);
      },
    ),
  );
});
