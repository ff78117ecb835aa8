import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { AuditTrail, keptRows } from "../../../durable-objects/fleet/audit.ts";
import { actor, fleetStub, key, server } from "./world.ts";

afterEach(async () => {
  await reset();
});

describe("the audit trail", () => {
  it("tells who did what to what, newest first", async () => {
    await fleetStub().registerServer(server("memory"), actor);
    await fleetStub().createKey(key("a"), { keyId: "k9", requestId: "req-2" });
    await fleetStub().replaceKey(key("a", { revokedAt: 9 }), "key.revoke", actor);
    await fleetStub().setDefaultLimit({ perMinute: 1, burst: 1 }, actor);
    await fleetStub().setShards(1, actor);
    await fleetStub().deleteServer("memory", actor);

    const lines = await fleetStub().audit(0, 100);
    expect(lines.map(({ action, target }) => `${action} ${target}`)).toEqual([
      "server.delete memory",
      "shards.set 1",
      "limit.set default",
      "key.revoke a",
      "key.create a",
      "server.register memory",
    ]);
    expect(lines.at(-2)).toMatchObject({ actor: "k9", requestId: "req-2" });
  });

  it("says what changed, from what to what", async () => {
    await fleetStub().registerServer(server("memory"), actor);
    await fleetStub().replaceServer(server("memory", { trusted: true, updatedAt: 2 }), actor);

    const [line] = await fleetStub().audit(0, 1);
    expect(line?.action).toBe("server.update");
    expect(JSON.parse(line?.detail ?? "")).toEqual({ trusted: { from: false, to: true } });
  });

  it("holds no secret: no credential, no address beyond its origin, no digest of a key", async () => {
    const secret = {
      url: "https://memory.example/mcp?key=hush",
      sealedHeaders: "hush",
      headerNames: ["authorization"],
    };
    await fleetStub().registerServer(server("memory", secret), actor);
    await fleetStub().replaceServer(server("memory", { ...secret, url: "https://b.example/?key=hush2" }), actor);
    await fleetStub().createKey(key("a", { secrets: [{ digest: "hush", createdAt: 1 }] }), actor);
    await fleetStub().replaceKey(key("a", { secrets: [{ digest: "hush2", createdAt: 1 }] }), "key.rotate", actor);

    const lines = await fleetStub().audit(0, 100);
    expect(lines.length).toBe(4);
    expect(JSON.stringify(lines)).not.toContain("hush");
  });

  it("has no line for what was refused", async () => {
    await fleetStub().registerServer(server("memory"), actor);
    await fleetStub().registerServer(server("MEMORY"), actor);
    await fleetStub().deleteServer("nobody", actor);
    await fleetStub().setShards(0, actor);
    expect((await fleetStub().audit(0, 100)).length).toBe(1);
  });

  it("pages backwards from any line", async () => {
    for (const id of ["a", "b", "c", "d"]) await fleetStub().createKey(key(id), actor);
    const [newest, second] = await fleetStub().audit(0, 2);
    const older = await fleetStub().audit(second?.id ?? 0, 10);

    expect(newest?.target).toBe("d");
    expect(older.map(({ target }) => target)).toEqual(["b", "a"]);
  });

  it("keeps the latest ten thousand lines, and hardly more", async () => {
    const kept = await runInDurableObject(fleetStub(), (_, state) => {
      const trail = new AuditTrail(state.storage.sql);
      state.storage.transactionSync(() => {
        for (let line = 1; line <= keptRows + 350; line += 1)
          trail.write({ action: "x", target: `${line}`, detail: {} }, actor, line);
      });
      return state.storage.sql
        .exec<{ rows: number; oldest: number }>("SELECT count(*) AS rows, min(at) AS oldest FROM audit")
        .one();
    });
    expect(kept.rows).toBeGreaterThanOrEqual(keptRows);
    expect(kept.rows).toBeLessThan(keptRows + 100);
    expect(kept.oldest).toBeGreaterThan(200);
  });
});
