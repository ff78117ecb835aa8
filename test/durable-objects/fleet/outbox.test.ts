import { abortAllDurableObjects, evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { homeOf } from "../../../core/policies/placement.ts";
import type { Fleet } from "../../../durable-objects/fleet/fleet.ts";
import { actor, fleetStub, heldBy, key, server, serversNamed, shardStub, wires, withFleet } from "./world.ts";

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

function debts(): Promise<string[]> {
  return runInDurableObject(fleetStub(), (_, state) =>
    state.storage.sql
      .exec<{ debt: string }>("SELECT what || ' ' || subject || '@' || shard AS debt FROM outbox ORDER BY id")
      .toArray()
      .map(({ debt }) => debt),
  );
}

/** Lets the alarm see everything as due, however long it was put off. */
async function ringLater(fleet: Fleet): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
  await fleet.alarm();
}

// A shard that is asked something and finds it knows nothing asks Fleet by itself. So what these tests look at is
// what was sent to it, and only then what it holds.
describe("a shard that cannot be reached", () => {
  it("does not keep a server from being registered, and hears of it later", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.setDefaultLimit(null, actor);
      lines.cut.add(1).add(2).add(3);
      const placed = await fleet.registerServer(server("memory"), actor);
      if (!placed.ok) throw new Error(placed.failure.code);
      const { shard } = placed.value;
      expect(await debts()).toEqual([`server memory@${shard}`]);

      lines.cut.clear();
      lines.asked.length = 0;
      await ringLater(fleet);
      expect(lines.asked).toEqual([`own shard:${shard}`]);
      expect(await heldBy(shard)).toEqual(["memory"]);
    });
    expect(await debts()).toEqual([]);
  });

  it("is told what is true by then, not what was true when it could not be reached", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.registerServers([server("memory"), server("clock")], actor);
      const clock = await fleet.server("clock");
      lines.cut.add(1).add(2).add(3);
      await fleet.replaceServer(server("memory", { title: "Memory" }), actor);
      await fleet.replaceServer(server("clock", { title: "Clock" }), actor);
      await fleet.deleteServer("clock", actor);

      lines.cut.clear();
      lines.asked.length = 0;
      await ringLater(fleet);
      if (!clock.ok) throw new Error(clock.failure.code);
      expect(lines.asked.filter((asked) => asked.startsWith("own")).length).toBe(1);
      expect(lines.asked).toContain(`disown shard:${clock.value.shard}`);
    });
    expect((await Promise.all([1, 2, 3].map(heldBy))).flat()).toEqual(["memory"]);
    expect(await debts()).toEqual([]);
  });

  it("does not keep news from the others", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.setDefaultLimit(null, actor);
      lines.cut.add(2);
      lines.asked.length = 0;
      await fleet.registerServers(serversNamed("server", 30), actor);
      expect(lines.asked.slice(0, 3).toSorted()).toEqual(["own shard:1", "own shard:2", "own shard:3"]);
    });
    expect((await debts()).every((debt) => debt.endsWith("@2"))).toBe(true);
    expect(await debts()).not.toEqual([]);
  });

  it("is waited for once in a change, not once for each thing it should hear", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.setDefaultLimit(null, actor);
      lines.cut.add(1).add(2).add(3);
      lines.asked.length = 0;
      await fleet.registerServers(serversNamed("server", 120), actor);
      expect((await fleet.map()).revision).toBeGreaterThan(1);
    });
    expect(lines.asked.toSorted()).toEqual(["own shard:1", "own shard:2", "own shard:3"]);
  });

  it("is asked less and less often", async () => {
    const lines = wires();
    lines.cut.add(1).add(2).add(3);
    const waits = await withFleet(lines, async (fleet) => {
      vi.spyOn(Math, "random").mockReturnValue(0.999);
      const seen: number[] = [];
      let now = Date.now();
      vi.useFakeTimers({ toFake: ["Date"], now });
      await fleet.registerServer(server("memory"), actor);
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const due = await nextDue();
        seen.push(due - now);
        now = due;
        vi.setSystemTime(now);
        await fleet.alarm();
      }
      vi.mocked(Math.random).mockRestore();
      return seen;
    });
    for (const [index, wait] of waits.entries())
      expect(wait).toBeGreaterThan(index === 0 ? 0 : (waits[index - 1] ?? 0));
  });

  it("hears of a revocation when it is back", async () => {
    const lines = wires();
    const home = homeOf([1, 2, 3], "a");
    await withFleet(lines, async (fleet) => {
      await fleet.createKey(key("a"), actor);
      await fleet.setDefaultLimit(null, actor);
      lines.cut.add(home);
      await fleet.replaceKey(key("a", { revokedAt: 9 }), "key.revoke", actor);
      expect(await debts()).toEqual([`key a@${home}`]);
      lines.cut.clear();
      lines.asked.length = 0;
      await ringLater(fleet);
    });
    expect(lines.asked).toEqual([`updateKey shard:${home}`]);
    expect(await debts()).toEqual([]);
  });

  it("gets the newest map, however many it missed", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      lines.cut.add(3);
      await fleet.setShards(4, actor);
      await fleet.setShards(2, actor);
      await fleet.setShards(5, actor);
      lines.cut.clear();
      lines.asked.length = 0;
      await ringLater(fleet);
    });
    expect(lines.asked).toEqual(["publish shard:3"]);
    expect(await shardStub(3).map()).toEqual(await fleetStub().map());
  });
});

describe("a crash between a write and its delivery", () => {
  it("loses neither: the rows are there, and the alarm delivers", async () => {
    const lines = wires();
    const stuck = withFleet(lines, async (fleet) => {
      await fleet.setDefaultLimit(null, actor);
      lines.hang = true;
      await fleet.registerServer(server("memory"), actor);
    });
    stuck.catch(() => {});
    await vi.waitFor(() => expect(lines.asked.at(-1)).toMatch(/^own/));
    expect(await runInDurableObject(fleetStub(), (_, state) => state.storage.getAlarm())).not.toBeNull();
    await abortAllDurableObjects();

    const after = wires();
    await withFleet(after, async (fleet) => {
      const placed = await fleet.server("memory");
      if (!placed.ok) throw new Error(placed.failure.code);
      expect(after.asked).toEqual([]);
      await ringLater(fleet);
      expect(after.asked).toEqual([`own shard:${placed.value.shard}`]);
    });
    expect(await debts()).toEqual([]);
  });
});

function nextDue(): Promise<number> {
  return runInDurableObject(
    fleetStub(),
    (_, state) => state.storage.sql.exec<{ due: number }>("SELECT min(due_at) AS due FROM outbox").one().due,
  );
}

describe("a Fleet that died between writing a change and telling of it", () => {
  it("tells as soon as it is there again, and not when the alarm would have rung", async () => {
    await fleetStub().registerServer(server("memory"), actor);
    await runInDurableObject(fleetStub(), (_, state) => {
      const insert = "INSERT INTO outbox (shard, what, subject, attempts, due_at) VALUES (1, 'map', '', 0, ?)";
      state.storage.sql.exec(insert, Date.now() + 3_600_000);
    });
    await evictDurableObject(fleetStub());
    await fleetStub().count();
    await vi.waitFor(async () => expect(await debts()).toEqual([]), { timeout: 3_000 });
  });
});
