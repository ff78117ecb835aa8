import { evictDurableObject, reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ownerOf } from "../../../core/policies/placement.ts";
import { actor, fleetStub, heldBy, server, serversNamed, shardStub, wires, withFleet } from "./world.ts";

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** Every shard that ever was holds what Fleet says is its own, no more and no less, and knows the map. */
async function expectHouseInOrder(everyShard: readonly number[]): Promise<void> {
  const map = await fleetStub().map();
  const { items } = await fleetStub().servers("", 1000);
  for (const shard of everyShard) {
    const own = items.filter((placed) => placed.shard === shard).map(({ record }) => record.id);
    expect(await heldBy(shard)).toEqual(own);
    // One that is out of use knows that, and who is in use; where each server lives is news for those who are.
    const told = await shardStub(shard).map();
    const isInUse = map.shards.includes(shard);
    expect(isInUse ? told : told.shards).toEqual(isInUse ? map : map.shards);
  }
  expect(items.map(({ record }) => ownerOf(map, record.id))).toEqual(items.map(({ shard }) => shard));
}

describe("changing the number of shards", () => {
  it("moves hardly more than must move, from 3 to 4 to 8 to 3, and loses nothing", async () => {
    await fleetStub().registerServers(serversNamed("server", 170), actor);
    let before = 3;
    for (const count of [4, 8, 3]) {
      const done = await fleetStub().setShards(count, actor);
      if (!done.ok) throw new Error(done.failure.code);
      const least = 170 * (1 - Math.min(before, count) / Math.max(before, count));
      const mean = 170 / count;
      expect(done.value.total).toBe(170);
      expect(Object.keys(done.value.perShard).length).toBe(count);
      expect(Math.max(...Object.values(done.value.perShard))).toBeLessThanOrEqual(
        Math.max(Math.ceil(mean), mean * 1.1),
      );
      expect(done.value.moved).toBeLessThanOrEqual(least * 1.2);
      await expectHouseInOrder([1, 2, 3, 4, 5, 6, 7, 8].slice(0, Math.max(before, count)));
      before = count;
    }
  });

  it("survives eviction right after the answer", async () => {
    await fleetStub().registerServers(serversNamed("server", 30), actor);
    const done = await fleetStub().setShards(5, actor);
    await evictDurableObject(fleetStub());

    expect(done).toMatchObject({ ok: true, value: await fleetStub().count() });
    await expectHouseInOrder([1, 2, 3, 4, 5]);
  });

  it.each([0, 257, 1.5, Number.NaN, -3])("refuses %d shards", async (count) => {
    expect(await fleetStub().setShards(count, actor)).toMatchObject({
      ok: false,
      failure: { code: "invalid_fields", fields: [{ path: "/count" }] },
    });
    expect((await fleetStub().map()).revision).toBe(1);
  });

  it("moves nothing and publishes nothing new when the number is the same", async () => {
    await fleetStub().registerServers(serversNamed("server", 30), actor);
    const before = await fleetStub().map();
    expect(await fleetStub().setShards(3, actor)).toMatchObject({ ok: true, value: { moved: 0 } });
    expect(await fleetStub().map()).toEqual(before);
  });

  it("remembers the shards before, where buckets may still be", async () => {
    await fleetStub().setShards(4, actor);
    expect(await fleetStub().map()).toMatchObject({ shards: [1, 2, 3, 4], previousShards: [1, 2, 3] });
    await fleetStub().setShards(2, actor);
    expect(await fleetStub().map()).toMatchObject({ shards: [1, 2], previousShards: [1, 2, 3, 4] });
  });

  it("takes one change at a time, however many come at once", async () => {
    await Promise.all([
      fleetStub().registerServers(serversNamed("early", 40), actor),
      fleetStub().setShards(6, actor),
      fleetStub().registerServers(serversNamed("late", 40), actor),
      fleetStub().setShards(2, actor),
      fleetStub().deleteServer("early-1", actor),
      fleetStub().registerServer(server("last"), actor),
    ]);
    expect(await fleetStub().count()).toMatchObject({ shards: [1, 2], total: 80 });
    await expectHouseInOrder([1, 2, 3, 4, 5, 6]);
  });

  it("carries servers before any shard is told a map that names their new owner", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.registerServers(serversNamed("server", 30), actor);
      lines.asked.length = 0;
      await fleet.setShards(4, actor);
    });
    const [taken, told] = [lines.asked.lastIndexOf("takeOver shard:4"), lines.asked.indexOf("publish shard:4")];
    expect(taken).toBeGreaterThanOrEqual(0);
    expect(told).toBeGreaterThan(taken);
    for (const shard of [1, 2, 3]) expect(lines.asked.indexOf(`publish shard:${shard}`)).toBeGreaterThan(told);
  });
});

describe("re-sharding with more than one message carries", () => {
  it("asks for less at a time, and every server still comes with its rows", async () => {
    const lines = wires();
    lines.mostServers = 2;
    await withFleet(lines, async (fleet) => {
      await fleet.registerServers(serversNamed("server", 40), actor);
      lines.asked.length = 0;
      expect(await fleet.setShards(4, actor)).toMatchObject({ ok: true });
      const { perShard } = await fleet.count();
      const parcels = lines.asked.filter((asked) => asked === "takeOver shard:4").length;
      expect(parcels).toBeGreaterThanOrEqual((perShard[4] ?? 0) / 2);
      expect(lines.asked.indexOf("own shard:4")).toBeGreaterThan(lines.asked.lastIndexOf("takeOver shard:4"));
    });
    await expectHouseInOrder([1, 2, 3, 4]);
  });
});

describe("re-sharding with a shard out of reach", () => {
  it("changes nothing when a receiver does not answer", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.registerServers(serversNamed("server", 30), actor);
      lines.cut.add(5);
      lines.asked.length = 0;
      expect(await fleet.setShards(5, actor)).toEqual({ ok: false, failure: { code: "shard_unavailable", shard: 5 } });
    });
    expect(lines.asked).toContain("takeOver shard:4");
    expect(lines.asked.at(-1)).toMatch(/^disown shard:[45]$/);
    expect(lines.asked).toContain("disown shard:4");
    expect(lines.asked).not.toContain("own shard:4");
    expect(await fleetStub().map()).toMatchObject({ shards: [1, 2, 3] });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    await runDurableObjectAlarm(fleetStub());
    expect(await heldBy(4)).toEqual([]);
    await expectHouseInOrder([1, 2, 3]);
  });

  it("gives the others' servers a new owner when a shard that goes cannot hand them over", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.registerServers(serversNamed("server", 30), actor);
      lines.cut.add(3);
      lines.asked.length = 0;
      expect(await fleet.setShards(2, actor)).toMatchObject({ ok: true, value: { total: 30 } });
      // Once from the record, before anything is committed; once more from the outbox, which cannot know.
      for (const shard of [1, 2]) expect(lines.asked.filter((asked) => asked === `own shard:${shard}`).length).toBe(2);
    });
    await expectHouseInOrder([1, 2]);

    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    await runDurableObjectAlarm(fleetStub());
    await expectHouseInOrder([1, 2, 3]);
  });

  it("registers a server though the one that should make room cannot move", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.registerServers(serversNamed("server", 12), actor);
      for (const shard of [1, 2, 3]) lines.cut.add(shard);
      for (const { id } of (await fleet.serversOf(1)).slice(0, 4)) {
        expect(await fleet.deleteServer(id, actor)).toMatchObject({ ok: true });
      }
      expect(await fleet.registerServer(server("late"), actor)).toMatchObject({ ok: true });
      lines.cut.clear();
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
      await fleet.alarm();
    });
    expect(await fleetStub().count()).toMatchObject({ total: 9 });
    await expectHouseInOrder([1, 2, 3]);
  });
});

describe("calls while servers move", () => {
  it("find every server at every moment, however the shards change", async () => {
    await fleetStub().registerServers(serversNamed("server", 60), actor);
    const ids = serversNamed("server", 60).map(({ id }) => id);
    const answers = new Map<string, number>();
    const over = new AbortController();
    const callers = [0, 1, 2].map(async (caller) => {
      let map = await fleetStub().map();
      for (let call = caller; !over.signal.aborted; call += 3) {
        const id = ids[call % ids.length] ?? "";
        for (let round = 1; ; round += 1) {
          const ask = { server: id, revision: map.revision, reports: [], lease: `${call}.${round}`, ahead: false };
          const answer = await shardStub(ownerOf(map, id)).route(ask);
          const code = answer.ok ? "ok" : answer.failure.code;
          if (code !== "moved" || round === 3) {
            answers.set(code, (answers.get(code) ?? 0) + 1);
            break;
          }
          map = await fleetStub().map();
        }
      }
    });
    for (const count of [4, 8, 3, 1, 6]) await fleetStub().setShards(count, actor);
    over.abort();
    await Promise.all(callers);

    // The servers are disabled: that answer comes from a shard that has the row.
    expect([...answers.keys()]).toEqual(["server_disabled"]);
    expect(answers.get("server_disabled")).toBeGreaterThan(60);
  });
});
