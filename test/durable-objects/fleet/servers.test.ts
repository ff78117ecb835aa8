import { evictDurableObject, reset } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { actor, fleetStub, heldBy, server, serversNamed, wires, withFleet } from "./world.ts";

afterEach(async () => {
  await reset();
});

describe("registering servers", () => {
  it("places a server on a shard, which then holds it", async () => {
    const placed = await fleetStub().registerServer(server("memory"), actor);

    if (!placed.ok) throw new Error(placed.failure.code);
    expect(placed.value.record).toEqual(server("memory"));
    expect(await heldBy(placed.value.shard)).toEqual(["memory"]);
    expect(await fleetStub().server("memory")).toEqual(placed);
  });

  it("is kept when the object is evicted right after the answer", async () => {
    const placed = await fleetStub().registerServer(server("memory"), actor);
    await evictDurableObject(fleetStub());
    expect(await fleetStub().server("memory")).toEqual(placed);
  });

  it("refuses an id that exists, in whatever case, and names the one that does", async () => {
    await fleetStub().registerServer(server("memory"), actor);
    const refused = await fleetStub().registerServer(server("Memory"), actor);
    expect(refused).toEqual({ ok: false, failure: { code: "already_exists", what: "server", id: "memory" } });
  });

  it("registers all of a list or none of it", async () => {
    await fleetStub().registerServer(server("b"), actor);
    const refused = await fleetStub().registerServers([server("a"), server("b"), server("c")], actor);

    expect(refused).toEqual({ ok: false, failure: { code: "already_exists", what: "server", id: "b" } });
    expect(await fleetStub().count()).toMatchObject({ total: 1 });
  });

  it("refuses a list that names a server twice", async () => {
    const refused = await fleetStub().registerServers([server("a"), server("A")], actor);
    expect(refused).toEqual({ ok: false, failure: { code: "already_exists", what: "server", id: "a" } });
  });

  it("spreads 170 servers over 3 shards, none above 110 % of the mean", async () => {
    const placed = await fleetStub().registerServers(serversNamed("server", 170), actor);
    expect(placed.ok).toBe(true);

    const { shards, total, perShard } = await fleetStub().count();
    expect({ shards, total }).toEqual({ shards: [1, 2, 3], total: 170 });
    expect(Math.max(...Object.values(perShard))).toBeLessThanOrEqual(62);
    for (const shard of shards) {
      const rows = await fleetStub().serversOf(shard);
      expect(rows.length).toBe(perShard[shard]);
      expect(await heldBy(shard)).toEqual(rows.map(({ id }) => id).sort());
    }
  });

  it("keeps the bound when 60 come one by one, all at once", async () => {
    await Promise.all(serversNamed("server", 60).map((record) => fleetStub().registerServer(record, actor)));

    const { total, perShard } = await fleetStub().count();
    expect(total).toBe(60);
    expect(Math.max(...Object.values(perShard))).toBeLessThanOrEqual(22);
    for (const [shard, servers] of Object.entries(perShard)) expect((await heldBy(Number(shard))).length).toBe(servers);
  });

  it("lets exactly one of many registrations of the same id succeed", async () => {
    const answers = await Promise.all(
      ["memory", "Memory", "MEMORY", "memory"].map((id) => fleetStub().registerServer(server(id), actor)),
    );
    expect(answers.filter(({ ok }) => ok).length).toBe(1);
    expect(await fleetStub().count()).toMatchObject({ total: 1 });
  });
});

describe("a change that breaks half-way", () => {
  it("leaves nothing of itself, and does not stop the next one", async () => {
    const broken = Object.defineProperty(server("b"), "title", {
      enumerable: true,
      get: () => {
        throw new Error("a bug");
      },
    });
    await withFleet(wires(), async (fleet) => {
      const failing = fleet.registerServers([server("a"), broken, server("c")], actor).catch(String);
      const next = fleet.registerServer(server("d"), actor);
      expect(await failing).toBe("Error: a bug");
      expect(await next).toMatchObject({ ok: true });
    });
    expect(await fleetStub().count()).toMatchObject({ total: 1 });
    expect((await fleetStub().audit(0, 10)).map(({ target }) => target)).toEqual(["d"]);
  });
});

describe("changing and deleting servers", () => {
  it("replaces a server where it is", async () => {
    const placed = await fleetStub().registerServer(server("memory"), actor);
    const replaced = await fleetStub().replaceServer(server("memory", { title: "Memory" }), actor);

    if (!placed.ok) throw new Error(placed.failure.code);
    expect(replaced).toEqual({
      ok: true,
      value: { record: server("memory", { title: "Memory" }), shard: placed.value.shard },
    });
    expect(await fleetStub().server("memory")).toEqual(replaced);
  });

  it("refuses a change made from an older copy", async () => {
    await fleetStub().registerServer(server("memory"), actor);
    const [seen, title] = [server("memory"), "Memory"];
    expect(await fleetStub().replaceServer(server("memory", { title }), actor, seen)).toMatchObject({ ok: true });
    expect(await fleetStub().replaceServer(server("memory", { trusted: true }), actor, seen)).toMatchObject({
      ok: false,
      failure: { code: "conflict" },
    });
    expect(await fleetStub().server("memory")).toMatchObject({ value: { record: { title, trusted: false } } });
  });

  it("deletes a server from the fleet and from its shard", async () => {
    const placed = await fleetStub().registerServer(server("memory"), actor);
    expect(await fleetStub().deleteServer("memory", actor)).toEqual(placed);

    if (!placed.ok) throw new Error(placed.failure.code);
    expect(await heldBy(placed.value.shard)).toEqual([]);
    expect(await fleetStub().count()).toMatchObject({ total: 0 });
  });

  it("says which id was perhaps meant when there is no such server", async () => {
    await fleetStub().registerServer(server("memory"), actor);
    const unknown = { ok: false, failure: { code: "unknown_server", server: "memry", nearest: ["memory"] } };

    expect(await fleetStub().server("memry")).toEqual(unknown);
    expect(await fleetStub().deleteServer("memry", actor)).toEqual(unknown);
    expect(await fleetStub().replaceServer(server("memry"), actor)).toEqual(unknown);
  });

  it("rebalances when deletions leave a shard above its share", async () => {
    await fleetStub().registerServers(serversNamed("server", 60), actor);
    const doomed = (await fleetStub().serversOf(1)).slice(0, 15);
    for (const { id } of doomed) await fleetStub().deleteServer(id, actor);

    const { total, perShard } = await fleetStub().count();
    expect(total).toBe(45);
    expect(Math.max(...Object.values(perShard))).toBeLessThanOrEqual(16);
    for (const [shard, servers] of Object.entries(perShard)) expect((await heldBy(Number(shard))).length).toBe(servers);
  });
});

describe("listing servers", () => {
  it("pages by id, each server once", async () => {
    await fleetStub().registerServers(serversNamed("server", 25), actor);
    const seen: string[] = [];
    let next: string | undefined = "";
    while (next !== undefined) {
      const page = await fleetStub().servers(next, 10);
      seen.push(...page.items.map(({ record }) => record.id));
      next = page.next;
    }
    expect(seen).toEqual(
      serversNamed("server", 25)
        .map(({ id }) => id)
        .sort(),
    );
  });

  it("has no next page after the last", async () => {
    await fleetStub().registerServers(serversNamed("server", 3), actor);
    expect(await fleetStub().servers("", 3)).not.toHaveProperty("next");
  });

  it("counts every shard, empty ones too", async () => {
    expect(await fleetStub().count()).toEqual({ shards: [1, 2, 3], total: 0, perShard: { 1: 0, 2: 0, 3: 0 } });
  });
});
