import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { ownerOf, planPlacement } from "../../../core/policies/placement.ts";
import { Fleet } from "../../../durable-objects/fleet/fleet.ts";
import { actor, fleetStub, server, serversNamed, shardStub, wires, withFleet } from "./world.ts";

const { PATCHBAY_SECRET } = env;

afterEach(async () => {
  await reset();
});

const firstMap = { revision: 1, shards: [1, 2, 3], overrides: {}, previousShards: [] };

describe("a new fleet", () => {
  it("has three shards, revision 1 and a default limit", async () => {
    expect(await fleetStub().map()).toEqual(firstMap);
    expect(await fleetStub().defaultLimit()).toEqual({ perMinute: 6000, burst: 1000 });
  });

  it.each([
    ["5", 5],
    ["0", 3],
    ["257", 3],
    ["many", 3],
    [undefined, 3],
  ])("begins with SHARD_COUNT %s as %i shards", async (text, count) => {
    const { namespace } = wires();
    const shards = await runInDurableObject(fleetStub(), async (_, state) => {
      state.storage.sql.exec("DELETE FROM fleet");
      const fleet = new Fleet(state, {
        PATCHBAY_SECRET,
        SHARD: namespace,
        ...(text === undefined ? {} : { SHARD_COUNT: text }),
      });
      return (await fleet.map()).shards.length;
    });
    expect(shards).toBe(count);
  });

  it("tells its shards the map before anyone asks them for something", async () => {
    const lines = wires();
    await runInDurableObject(fleetStub(), async (_, state) => {
      state.storage.sql.exec("DELETE FROM fleet");
      const fleet = new Fleet(state, { PATCHBAY_SECRET, SHARD: lines.namespace });
      await fleet.registerServer(server("memory"), actor);
    });
    expect(lines.asked.slice(0, 3)).toEqual(["publish shard:1", "publish shard:2", "publish shard:3"]);
    for (const shard of [1, 2, 3]) expect(await shardStub(shard).map()).toEqual(firstMap);
  });

  it("stays as it became, whatever SHARD_COUNT says later", async () => {
    await fleetStub().setShards(5, actor);
    await evictDurableObject(fleetStub());
    expect((await fleetStub().map()).shards).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("the map", () => {
  it("names the owner of every server, as Fleet itself says", async () => {
    await fleetStub().registerServers(serversNamed("server", 40), actor);
    const map = await fleetStub().map();
    const { items } = await fleetStub().servers("", 100);
    expect(items.map(({ record }) => ownerOf(map, record.id))).toEqual(items.map(({ shard }) => shard));
  });

  it("needs no new revision for a server that sits where the hash says", async () => {
    const before = await fleetStub().map();
    await fleetStub().registerServer(server("memory"), actor);
    expect(await fleetStub().map()).toEqual(before);
  });

  it("gets a new revision with an override, and the shards hear of it", async () => {
    const [id] = crowded();
    await fleetStub().registerServer(server(id), actor);
    const before = await fleetStub().map();
    await fleetStub().registerServers(
      crowded()
        .slice(1)
        .map((other) => server(other)),
      actor,
    );

    const map = await fleetStub().map();
    expect(map.revision).toBe(before.revision + 1);
    expect(Object.keys(map.overrides).length).toBe(2);
    for (const shard of map.shards) expect(await shardStub(shard).map()).toEqual(map);
  });

  it("names an owner only after that shard has heard of the server", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.registerServers(
        crowded().map((id) => server(id)),
        actor,
      );
    });
    const told = lines.asked.findIndex((asked) => asked.startsWith("publish"));
    expect(told).toBeGreaterThan(lines.asked.findLastIndex((asked) => asked.startsWith("own")));
  });

  it("loses an override with its server", async () => {
    await fleetStub().registerServers(
      crowded().map((id) => server(id)),
      actor,
    );
    for (const id of crowded()) await fleetStub().deleteServer(id, actor);
    expect((await fleetStub().map()).overrides).toEqual({});
  });

  it("keeps the shard list before the last re-sharding, also when overrides change later", async () => {
    await fleetStub().setShards(4, actor);
    await fleetStub().registerServers(serversNamed("server", 50), actor);
    const map = await fleetStub().map();
    expect(Object.keys(map.overrides).length).toBeGreaterThan(0);
    expect(map.previousShards).toEqual([1, 2, 3]);
  });
});

describe("the default limit", () => {
  it("is kept, and can be taken away", async () => {
    await fleetStub().setDefaultLimit({ perMinute: 60, burst: 10 }, actor);
    await evictDurableObject(fleetStub());
    expect(await fleetStub().defaultLimit()).toEqual({ perMinute: 60, burst: 10 });

    await fleetStub().setDefaultLimit(null, actor);
    expect(await fleetStub().defaultLimit()).toBeNull();
  });

  it("is published to every shard without a new revision", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.setShards(2, actor);
      const before = await fleet.map();
      lines.asked.length = 0;
      await fleet.setDefaultLimit(null, actor);
      expect(await fleet.map()).toEqual(before);
    });
    expect(lines.asked.toSorted()).toEqual(["publish shard:1", "publish shard:2"]);
  });
});

/** Three servers that all belong to shard 1 by their hash; two of them must live elsewhere. */
function crowded(): [string, string, string] {
  const ids = serversNamed("server", 40)
    .map(({ id }) => id)
    .filter((id) => planPlacement(new Map(), [id], [1, 2, 3]).get(id) === 1);
  const [a = "", b = "", c = ""] = ids;
  return [a, b, c];
}
