import { abortAllDurableObjects, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { homeOf } from "../../../core/policies/placement.ts";
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
async function ringLater(): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
  await runDurableObjectAlarm(fleetStub());
}

describe("a shard that cannot be reached", () => {
  it("does not keep a server from being registered, and hears of it later", async () => {
    const lines = wires();
    const placed = await withFleet(lines, async (fleet) => {
      await fleet.setDefaultLimit(null, actor);
      for (const shard of [1, 2, 3]) lines.cut.add(shard);
      return fleet.registerServer(server("memory"), actor);
    });
    if (!placed.ok) throw new Error(placed.failure.code);
    expect(await heldBy(placed.value.shard)).toEqual([]);
    expect(await debts()).toEqual([`server memory@${placed.value.shard}`]);

    await ringLater();
    expect(await heldBy(placed.value.shard)).toEqual(["memory"]);
    expect(await debts()).toEqual([]);
  });

  it("is told what is true by then, not what was true when it could not be reached", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      for (const shard of [1, 2, 3]) lines.cut.add(shard);
      await fleet.registerServers([server("memory"), server("clock")], actor);
      await fleet.replaceServer(server("memory", { title: "Memory" }), actor);
      await fleet.deleteServer("clock", actor);
    });
    await ringLater();
    expect((await Promise.all([1, 2, 3].map(heldBy))).flat()).toEqual(["memory"]);
    expect(await debts()).toEqual([]);
  });

  it("does not delay the others", async () => {
    const lines = wires();
    lines.cut.add(2);
    await withFleet(lines, async (fleet) => {
      await fleet.registerServers(serversNamed("server", 30), actor);
      const { perShard } = await fleet.count();
      for (const shard of [1, 3]) expect((await heldBy(shard)).length).toBe(perShard[shard]);
    });
    expect(await heldBy(2)).toEqual([]);
    await ringLater();
    expect((await heldBy(2)).length).toBeGreaterThan(5);
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
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
      lines.asked.length = 0;
      await fleet.alarm();
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
    });
    await ringLater();
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
    await abortAllDurableObjects();

    const placed = await fleetStub().server("memory");
    if (!placed.ok) throw new Error(placed.failure.code);
    expect(await heldBy(placed.value.shard)).toEqual([]);
    await ringLater();
    expect(await heldBy(placed.value.shard)).toEqual(["memory"]);
  });
});

function nextDue(): Promise<number> {
  return runInDurableObject(
    fleetStub(),
    (_, state) => state.storage.sql.exec<{ due: number }>("SELECT min(due_at) AS due FROM outbox").one().due,
  );
}
