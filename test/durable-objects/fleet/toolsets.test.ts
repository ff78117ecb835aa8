import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import type { Toolset } from "../../../core/contract/toolset.ts";
import { actor, fleetStub, key } from "./world.ts";

afterEach(async () => {
  await reset();
});

function toolset(id: string, change: Partial<Toolset> = {}): Toolset {
  return { id, overrides: {}, naming: "always", createdAt: 1, updatedAt: 1, ...change };
}

const unknown = { ok: false, failure: { code: "unknown_toolset" } };

describe("the toolsets", () => {
  it("are kept when the object is evicted right after the answer", async () => {
    const overrides = { memory__read: { name: "read", fixedArguments: { graph: `{"n":1.0}` } } };
    const full = toolset("a", { servers: ["memory"], tools: { deny: ["memory__w*"] }, overrides, naming: "never" });
    const created = await fleetStub().createToolset(full, actor);
    await evictDurableObject(fleetStub());

    expect(created).toEqual({ ok: true, value: full });
    expect(await fleetStub().toolset("a")).toEqual(created);
  });

  it("have distinct ids, whatever their case", async () => {
    await fleetStub().createToolset(toolset("Research"), actor);
    const again = await fleetStub().createToolset(toolset("research", { title: "other" }), actor);

    expect(again).toEqual({ ok: false, failure: { code: "already_exists", what: "toolset", id: "Research" } });
    expect(await fleetStub().toolset("research")).toMatchObject(unknown);
    expect((await fleetStub().toolsets("", 10)).items.map(({ id }) => id)).toEqual(["Research"]);
  });

  it("that do not exist are unknown, to readers and writers, and the nearest are named", async () => {
    await fleetStub().createToolset(toolset("research"), actor);
    const nearly = { ok: false, failure: { code: "unknown_toolset", toolset: "reserch", nearest: ["research"] } };

    expect(await fleetStub().toolset("reserch")).toEqual(nearly);
    expect(await fleetStub().replaceToolset(toolset("reserch"), actor)).toEqual(nearly);
    expect(await fleetStub().deleteToolset("reserch", actor)).toEqual(nearly);
  });

  it("are replaced as a whole, and gone when deleted", async () => {
    await fleetStub().createToolset(toolset("a", { title: "one", servers: ["x"] }), actor);
    await fleetStub().replaceToolset(toolset("a", { title: "two" }), actor);
    expect(await fleetStub().toolset("a")).toEqual({ ok: true, value: toolset("a", { title: "two" }) });

    expect(await fleetStub().deleteToolset("a", actor)).toMatchObject({ ok: true, value: { title: "two" } });
    expect(await fleetStub().toolset("a")).toMatchObject(unknown);
    expect(await fleetStub().createToolset(toolset("a"), actor)).toMatchObject({ ok: true });
  });

  it("are not changed from an older copy: the second of two administrators is told", async () => {
    await fleetStub().createToolset(toolset("a", { tools: { allow: ["x__*"] } }), actor);
    const read = await fleetStub().toolset("a");
    if (!read.ok) throw new Error(read.failure.code);

    const [first, second] = await Promise.all([
      fleetStub().replaceToolset({ ...read.value, title: "one" }, actor, read.value),
      fleetStub().replaceToolset({ ...read.value, title: "two" }, actor, read.value),
    ]);
    expect(first.ok).not.toBe(second.ok);
    expect(first.ok ? second : first).toMatchObject({ failure: { code: "conflict" } });
  });

  it("are listed by id, in pages that fit one answer whatever is asked for", async () => {
    const description = "€".repeat(80_000);
    for (let i = 0; i < 60; i += 1) {
      await fleetStub().createToolset(toolset(`t${String(i).padStart(2, "0")}`, { description }), actor);
    }
    const first = await fleetStub().toolsets("", 100_000);
    expect(first.items.length).toBeLessThan(60);
    const rest = await fleetStub().toolsets(first.next ?? "", 100_000);
    const ids = [...first.items, ...rest.items].map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 60 }, (_, i) => `t${String(i).padStart(2, "0")}`));
    expect(rest).not.toHaveProperty("next");
    expect((await fleetStub().toolsets("t10", 1)).items.map(({ id }) => id)).toEqual(["t11"]);
  });

  it("have a table whose step is what it was when it first shipped", async () => {
    await runInDurableObject(fleetStub(), (_, { storage: { sql } }) => {
      const steps = sql.exec<{ name: string; hash: string }>("SELECT name, hash FROM _migration ORDER BY position");
      expect(steps.toArray()[1]).toEqual({ name: "toolsets", hash: "728fd47e" });
    });
  });
});

describe("a key's own toolset", () => {
  it("is there, or the key is refused", async () => {
    await fleetStub().createToolset(toolset("research"), actor);
    expect(await fleetStub().createKey(key("a", { toolset: "research" }), actor)).toMatchObject({
      ok: true,
      value: { toolset: "research" },
    });

    const message = "no toolset has this id; near it are research";
    const refused = { ok: false, failure: { code: "invalid_fields", fields: [{ path: "/toolset", message }] } };
    expect(await fleetStub().createKey(key("b", { toolset: "reserch" }), actor)).toEqual(refused);
    expect(await fleetStub().key("b")).toMatchObject({ failure: { code: "unknown_key" } });
    expect(await fleetStub().replaceKey(key("a", { toolset: "reserch" }), "key.update", actor)).toEqual(refused);
    expect(await fleetStub().key("a")).toMatchObject({ value: { toolset: "research" } });
  });

  it("is not deleted under it, and the refusal names the key", async () => {
    await fleetStub().createToolset(toolset("research"), actor);
    for (const id of ["c", "a"]) await fleetStub().createKey(key(id, { toolset: "research" }), actor);
    await fleetStub().createKey(key("b"), actor);

    const refused = await fleetStub().deleteToolset("research", actor);
    expect(refused).toMatchObject({ ok: false, failure: { code: "conflict" } });
    expect(JSON.stringify(refused)).toContain("theirs: a, c.");
    expect(await fleetStub().toolset("research")).toMatchObject({ ok: true });

    await fleetStub().replaceKey(key("a"), "key.update", actor);
    await fleetStub().replaceKey(key("c"), "key.update", actor);
    expect(await fleetStub().deleteToolset("research", actor)).toMatchObject({ ok: true });
  });

  it("names ten keys at most", async () => {
    await fleetStub().createToolset(toolset("t"), actor);
    for (let i = 10; i < 23; i += 1) await fleetStub().createKey(key(`k${i}`, { toolset: "t" }), actor);
    expect(JSON.stringify(await fleetStub().deleteToolset("t", actor))).toContain("k18, k19 and 3 more.");
  });

  it("does not outlive a revoked key, which may still be revoked when its toolset is gone", async () => {
    await fleetStub().createToolset(toolset("t"), actor);
    await fleetStub().createKey(key("a", { toolset: "t" }), actor);
    await fleetStub().replaceKey(key("a", { toolset: "t", revokedAt: 9 }), "key.revoke", actor);

    expect(await fleetStub().deleteToolset("t", actor)).toMatchObject({ ok: true });
    const again = await fleetStub().replaceKey(key("a", { toolset: "t", revokedAt: 9 }), "key.revoke", actor);
    expect(again).toMatchObject({ ok: true });
  });
});

describe("the audit trail of toolsets", () => {
  it("tells who made, changed and deleted which, and nothing of what was refused", async () => {
    await fleetStub().createToolset(toolset("t", { title: "one" }), { keyId: "k9", requestId: "req-2" });
    await fleetStub().replaceToolset(toolset("t", { title: "two", updatedAt: 2 }), actor);
    await fleetStub().createToolset(toolset("T"), actor);
    await fleetStub().deleteToolset("t", actor);
    await fleetStub().deleteToolset("t", actor);

    const lines = await fleetStub().audit(0, 100);
    expect(lines.map(({ action, target, actor: by }) => [action, target, by])).toEqual([
      ["toolset.delete", "t", "root"],
      ["toolset.update", "t", "root"],
      ["toolset.create", "t", "k9"],
    ]);
    expect(JSON.parse(lines[1]?.detail ?? "")).toEqual({ title: { from: "one", to: "two" } });
  });

  it("names the tools whose words or arguments changed, and quotes no fixed argument", async () => {
    const fixed = (value: string) => ({ fixedArguments: { token: JSON.stringify(value) } });
    const first = { a__x: fixed("hush"), a__y: fixed("hush"), a__z: {} };
    await fleetStub().createToolset(toolset("t", { overrides: first }), actor);
    const second = { a__x: fixed("hush2"), a__y: fixed("hush"), b__x: { title: "New" } };
    await fleetStub().replaceToolset(toolset("t", { overrides: second }), actor);

    const [update, create] = await fleetStub().audit(0, 2);
    expect(JSON.parse(create?.detail ?? "")).toMatchObject({ overrides: ["a__x", "a__y", "a__z"] });
    expect(JSON.parse(update?.detail ?? "")).toEqual({ overrides: ["a__x", "a__z", "b__x"] });
    expect(`${update?.detail}${create?.detail}`).not.toContain("hush");
  });
});
