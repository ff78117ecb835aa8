import { evictDurableObject, reset } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { homeOf } from "../../../core/policies/placement.ts";
import { actor, fleetStub, key, wires, withFleet } from "./world.ts";

afterEach(async () => {
  await reset();
});

describe("the keys", () => {
  it("are kept when the object is evicted right after the answer", async () => {
    const created = await fleetStub().createKey(key("a", { limit: null, expiresAt: 5 }), actor);
    await evictDurableObject(fleetStub());

    expect(created).toEqual({ ok: true, value: key("a", { limit: null, expiresAt: 5 }) });
    expect(await fleetStub().key("a")).toEqual(created);
  });

  it("have distinct ids", async () => {
    await fleetStub().createKey(key("a"), actor);
    const again = await fleetStub().createKey(key("a", { name: "other" }), actor);

    expect(again).toEqual({ ok: false, failure: { code: "already_exists", what: "key", id: "a" } });
    expect(await fleetStub().key("a")).toMatchObject({ value: { name: "key a" } });
  });

  it("that do not exist are unknown, to readers and writers", async () => {
    const unknown = { ok: false, failure: { code: "unknown_key", id: "a" } };
    expect(await fleetStub().key("a")).toEqual(unknown);
    expect(await fleetStub().replaceKey(key("a"), "key.update", actor)).toEqual(unknown);
  });

  it("keep their row when they are revoked", async () => {
    await fleetStub().createKey(key("a"), actor);
    await fleetStub().replaceKey(key("a", { revokedAt: 9 }), "key.revoke", actor);

    expect(await fleetStub().key("a")).toMatchObject({ ok: true, value: { revokedAt: 9 } });
    expect(await fleetStub().createKey(key("a"), actor)).toMatchObject({ failure: { code: "already_exists" } });
  });

  it("stay revoked, whatever is written later", async () => {
    await fleetStub().createKey(key("a"), actor);
    await fleetStub().replaceKey(key("a", { revokedAt: 9 }), "key.revoke", actor);

    const revived = await fleetStub().replaceKey(key("a", { name: "other" }), "key.update", actor);
    expect(revived).toMatchObject({ ok: false, failure: { code: "conflict" } });
    const renamed = await fleetStub().replaceKey(key("a", { name: "other", revokedAt: 9 }), "key.update", actor);
    expect(renamed).toMatchObject({ ok: true, value: { name: "other", revokedAt: 9 } });
  });

  it("are not changed from an older copy: the second of two administrators is told", async () => {
    await fleetStub().createKey(key("a", { tools: ["x__*"], limit: { perMinute: 1, burst: 1 } }), actor);
    const read = await fleetStub().key("a");
    if (!read.ok) throw new Error(read.failure.code);

    const [first, second] = await Promise.all([
      fleetStub().replaceKey({ ...read.value, name: "one" }, "key.update", actor, read.value),
      fleetStub().replaceKey({ ...read.value, name: "two" }, "key.update", actor, read.value),
    ]);
    expect(first.ok).not.toBe(second.ok);
    expect(first.ok ? second : first).toMatchObject({ failure: { code: "conflict" } });
  });

  it("are listed by id, in pages", async () => {
    for (const id of ["c", "a", "b"]) await fleetStub().createKey(key(id), actor);

    const first = await fleetStub().keys("", 2);
    expect(first.items.map(({ id }) => id)).toEqual(["a", "b"]);
    const last = await fleetStub().keys(first.next ?? "", 2);
    expect(last.items.map(({ id }) => id)).toEqual(["c"]);
    expect(last).not.toHaveProperty("next");
  });
});

describe("a changed key", () => {
  it("is pushed to its home before the change is answered, and to no other shard", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.createKey(key("a"), actor);
      await fleet.setDefaultLimit(null, actor);
      lines.asked.length = 0;
      await fleet.replaceKey(key("a", { revokedAt: 9 }), "key.revoke", actor);
    });
    expect(lines.asked).toEqual([`updateKey shard:${homeOf([1, 2, 3], "a")}`]);
  });

  it("is pushed to its previous home too after a re-sharding", async () => {
    const id = ["a", "b", "c", "d", "e", "f", "g", "h"].find((one) => homeOf([1, 2, 3, 4], one) === 4) ?? "";
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.createKey(key(id), actor);
      await fleet.setShards(4, actor);
      lines.asked.length = 0;
      await fleet.replaceKey(key(id, { revokedAt: 9 }), "key.revoke", actor);
    });
    expect(lines.asked.toSorted()).toEqual([`updateKey shard:${homeOf([1, 2, 3], id)}`, "updateKey shard:4"]);
  });

  it("is pushed to a shard that may still go by an older map", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.createKey(key("a"), actor);
      const other = [1, 2, 3].find((shard) => shard !== homeOf([1, 2, 3], "a")) ?? 0;
      lines.cut.add(other);
      await fleet.setDefaultLimit(null, actor);
      lines.asked.length = 0;
      await fleet.replaceKey(key("a", { revokedAt: 9 }), "key.revoke", actor);
      expect(lines.asked).toContain(`updateKey shard:${other}`);
    });
  });

  it("is acknowledged and kept though its home cannot be reached", async () => {
    const lines = wires();
    await withFleet(lines, async (fleet) => {
      await fleet.createKey(key("a"), actor);
      lines.cut.add(homeOf([1, 2, 3], "a"));
      expect(await fleet.replaceKey(key("a", { revokedAt: 9 }), "key.revoke", actor)).toMatchObject({ ok: true });
    });
    expect(await fleetStub().key("a")).toMatchObject({ value: { revokedAt: 9 } });
  });
});
