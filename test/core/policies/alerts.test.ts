import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flapWindowMs, hear, judge, longestClearMs, type Holds, type Watch } from "../../../core/policies/alerts.ts";

const holds: Holds = { afterMs: 10_000, clearMs: 10_000 };

interface Told {
  readonly change: "opened" | "recovered";
  readonly at: number;
}

/** One thing, its news, and a clock that stops wherever a judgement is due. */
class World {
  watch: Watch | undefined;
  readonly told: Told[] = [];
  readonly #holds: Holds;
  now = 0;
  #dueAt: number | undefined;

  constructor(given = holds) {
    this.#holds = given;
  }

  hear(is: Watch["is"]): void {
    this.watch = hear(this.watch, is, this.now);
    this.#judge();
  }

  pass(ms: number): void {
    const end = this.now + ms;
    while (this.#dueAt !== undefined && this.#dueAt <= end) {
      this.now = this.#dueAt;
      this.#judge();
    }
    this.now = end;
  }

  #judge(): void {
    this.#dueAt = undefined;
    if (this.watch === undefined) return;
    const verdict = judge(this.watch, this.now, this.#holds);
    if (verdict.change) this.told.push({ change: verdict.change, at: this.now });
    this.watch = verdict.watch;
    this.#dueAt = verdict.dueAt;
    if (this.#dueAt !== undefined && this.#dueAt <= this.now) throw new Error("it is due at once, again and again");
  }
}

describe("one thing that goes wrong and comes back", () => {
  it("is one alert and one recovery, each after its hold", () => {
    const world = new World();
    world.hear("wrong");
    world.pass(60_000);
    world.hear("right");
    world.pass(3_600_000);
    expect(world.told).toEqual([
      { change: "opened", at: 10_000 },
      { change: "recovered", at: 70_000 },
    ]);
    expect(world.watch).toBeUndefined();
  });

  it("is nothing at all when it was over before the hold was", () => {
    const world = new World();
    world.hear("wrong");
    world.pass(9_999);
    world.hear("right");
    world.pass(3_600_000);
    expect(world.told).toEqual([]);
    expect(world.watch).toBeUndefined();
  });

  it("is told once, however often it is heard", () => {
    const world = new World();
    for (let i = 0; i < 100; i += 1) {
      world.hear("wrong");
      world.pass(1_000);
    }
    expect(world.told).toEqual([{ change: "opened", at: 10_000 }]);
  });

  it("is told at once by a rule that does not wait", () => {
    const world = new World({ afterMs: 0, clearMs: 0 });
    world.hear("wrong");
    world.hear("right");
    expect(world.told.map(({ change }) => change)).toEqual(["opened", "recovered"]);
  });
});

describe("one thing that flaps", () => {
  it("is told of, though it is never wrong for as long as the hold", () => {
    const world = new World();
    for (let i = 0; i < 10; i += 1) {
      world.hear("wrong");
      world.pass(5_000);
      world.hear("right");
      world.pass(5_000);
    }
    expect(world.told).toEqual([{ change: "opened", at: 30_000 }]);
  });

  it("is a handful of alerts in an hour, and not hundreds", () => {
    const world = new World();
    for (let i = 0; i < 90; i += 1) {
      world.hear("wrong");
      world.pass(20_000);
      world.hear("right");
      world.pass(20_000);
    }
    expect(world.told.filter(({ change }) => change === "opened").length).toBeLessThanOrEqual(3);
    world.pass(longestClearMs);
    expect(world.told.at(-1)?.change).toBe("recovered");
  });

  it("is an ordinary thing again once it has been calm", () => {
    const world = new World();
    for (let i = 0; i < 5; i += 1) {
      world.hear("wrong");
      world.pass(20_000);
      world.hear("right");
      world.pass(1_000);
    }
    world.pass(longestClearMs + flapWindowMs);
    expect(world.watch).toBeUndefined();
    const before = world.told.length;
    world.hear("wrong");
    world.pass(20_000);
    world.hear("right");
    world.pass(10_000);
    expect(world.told.slice(before).map(({ change }) => change)).toEqual(["opened", "recovered"]);
  });
});

describe("whatever is heard", () => {
  const steps = fc.array(
    fc.record({ is: fc.constantFrom<Watch["is"]>("wrong", "right"), forMs: fc.nat({ max: 120_000 }) }),
    { maxLength: 60 },
  );
  const anyHolds = fc.record({ afterMs: fc.nat({ max: 60_000 }), clearMs: fc.nat({ max: 60_000 }) });

  it("alerts open and recover in turn, and never while the opposite is known", () => {
    fc.assert(
      fc.property(steps, anyHolds, (heard, given) => {
        const world = new World(given);
        for (const { is, forMs } of heard) {
          const before = world.told.length;
          world.hear(is);
          world.pass(forMs);
          const wrongNow = is === "wrong" ? "opened" : "recovered";
          expect(world.told.slice(before).every(({ change }) => change === wrongNow)).toBe(true);
        }
        for (const [index, { change }] of world.told.entries()) {
          expect(change).toBe(index % 2 === 0 ? "opened" : "recovered");
        }
      }),
    );
  });

  it("what stays wrong is told, what stays right is over and forgotten", () => {
    fc.assert(
      fc.property(steps, anyHolds, (heard, given) => {
        const world = new World(given);
        for (const { is, forMs } of heard) {
          world.hear(is);
          world.pass(forMs);
        }
        world.hear("wrong");
        world.pass(given.afterMs);
        expect(world.watch?.open).toBe(true);
        expect(world.told.at(-1)?.change).toBe("opened");
        world.hear("right");
        world.pass(longestClearMs + flapWindowMs);
        expect(world.told.at(-1)?.change).toBe("recovered");
        expect(world.watch).toBeUndefined();
      }),
    );
  });

  it("an alert is over only after its hold, and it says nothing twice at one instant of news", () => {
    fc.assert(
      fc.property(steps, anyHolds, (heard, given) => {
        const world = new World(given);
        let rightSince = 0;
        let last: Watch["is"] | undefined;
        for (const { is, forMs } of heard) {
          if (is === "right" && last !== "right") rightSince = world.now;
          last = is;
          const before = world.told.length;
          world.hear(is);
          world.pass(forMs);
          for (const { change, at } of world.told.slice(before)) {
            const longEnough = change !== "recovered" || at - rightSince >= given.clearMs;
            expect(longEnough, "recovered only after being right for long enough").toBe(true);
          }
          expect(world.told.length - before).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
