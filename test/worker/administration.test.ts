import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, connectTo, expectProblem, faultsIn, makeKey, pagesOf, passTime, tool, type FakeServer } from "./door.ts";

const files: FakeServer = { host: "files.example", tools: [tool("read")] };

beforeEach(() => connectTo(files));

afterEach(async () => {
  await ask("/settings", {
    method: "PATCH",
    json: { displayName: "Patchbay", maintenanceNotice: null, defaultLimit: { perMinute: 6_000, burst: 1_000 } },
  });
  await ask("/shards", { method: "PUT", json: { count: 3 } });
  vi.restoreAllMocks();
});

describe("shards", () => {
  it("lists them, with what they own and how busy they were", async () => {
    const { status, body } = await ask("/shards");
    expect(status).toBe(200);
    const shards = body["shards"] as Record<string, unknown>[];
    expect(shards.map(({ shard }) => shard)).toEqual([1, 2, 3]);
    expect(shards[0]).toMatchObject({ status: "ok", servers: 0, objectCalls: expect.any(Number) });
    expect((await ask("/shards/1")).body).toMatchObject({ shard: 1, status: "ok" });
  });

  it.each(["0", "4", "1.0", "01", "one", "-1", "1e0"])("knows no shard %s, and names the nearest", async (shard) => {
    const refused = await ask(`/shards/${shard}`);
    const { nearest } = expectProblem(refused, 404, "unknown_shard") as unknown as { nearest: string[] };
    for (const near of nearest) expect(["1", "2", "3"]).toContain(near);
  });

  it("changes their number, moves few servers, and every tool is still there", async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `s${index}`);
    for (const id of ids) await ask("/servers?wait=ready", { json: { id, url: "https://files.example/mcp" } });
    const grown = await ask("/shards", { method: "PUT", json: { count: 4 } });
    expect(grown.status).toBe(200);
    expect(grown.body).toMatchObject({ count: 4, total: 12, moved: expect.any(Number) });
    expect(Object.keys(grown.body["shards"] as object)).toEqual(["1", "2", "3", "4"]);
    expect(grown.body["moved"]).toBeGreaterThan(0);
    expect(grown.body["moved"]).toBeLessThanOrEqual(6);
    for (const id of ids) expect((await ask("/call", { json: { tool: `${id}__read` } })).status, id).toBe(200);
    expect((await ask("/tools")).body["tools"]).toHaveLength(12);
    const still = await ask("/shards", { method: "PUT", json: { count: 4 } });
    expect(still.body).toMatchObject({ count: 4, moved: 0 });
    for (const id of ids) await ask(`/servers/${id}`, { method: "DELETE" });
  });

  it.each([{ count: 0 }, { count: 257 }, { count: 2.5 }, { count: "3" }, {}])("refuses %j", async (json) => {
    const refused = await ask("/shards", { method: "PUT", json });
    expectProblem(refused, 422, "invalid_fields");
    expect(faultsIn(refused)).toEqual(["/count"]);
  });
});

describe("settings", () => {
  it("shows and changes them, field by field", async () => {
    expect((await ask("/settings")).body).toEqual({
      displayName: "Patchbay",
      maintenanceNotice: null,
      defaultLimit: { perMinute: 6_000, burst: 1_000 },
    });
    const changed = await ask("/settings", { method: "PATCH", json: { displayName: "Ünsere Pätchbay 🎛" } });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ displayName: "Ünsere Pätchbay 🎛", maintenanceNotice: null });
    expect((await ask("/settings")).body).toMatchObject({ displayName: "Ünsere Pätchbay 🎛" });
  });

  it("holds every key that names no limit to the new default", async () => {
    const { key } = await makeKey({ scopes: ["tools:list"] });
    const changed = await ask("/settings", { method: "PATCH", json: { defaultLimit: { perMinute: 1, burst: 2 } } });
    expect(changed.body).toMatchObject({ defaultLimit: { perMinute: 1, burst: 2 } });
    passTime(2_001);
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await ask("/tools", { key })).status);
    expect(statuses).toEqual([200, 200, 429]);
    await ask("/settings", { method: "PATCH", json: { defaultLimit: null } });
    expect((await ask("/settings")).body["defaultLimit"]).toBeNull();
    passTime(60_000);
    expect((await ask("/tools", { key })).status).toBe(200);
  });

  it.each([
    [{ displayName: "" }, "/displayName"],
    [{ displayName: "x".repeat(61) }, "/displayName"],
    [{ maintenanceNotice: 5 }, "/maintenanceNotice"],
    [{ defaultLimit: { perMinute: -1 } }, "/defaultLimit/perMinute"],
    [{ theme: "dark" }, "/theme"],
  ])("names what is wrong with %j", async (json, path) => {
    const refused = await ask("/settings", { method: "PATCH", json });
    expectProblem(refused, 422, "invalid_fields");
    expect(faultsIn(refused)).toEqual([path]);
  });
});

describe("the audit trail", () => {
  it("tells who changed what, newest first, and never a secret", async () => {
    const { id, key } = await makeKey({ scopes: ["servers:write"], name: "operator" });
    const made = await ask("/servers", {
      key,
      json: { id: "files", url: "https://files.example/mcp?k=hush", headers: { Authorization: "hush" } },
      headers: { "x-request-id": "my-request-1" },
    });
    expect(made.headers.get("x-request-id")).toBe("my-request-1");
    await ask("/servers/files", { method: "DELETE", key });
    await ask(`/keys/${id}`, { method: "DELETE" });
    const { body, text } = await ask("/audit?limit=4");
    const entries = body["entries"] as Record<string, unknown>[];
    expect(entries.map(({ action, target, actor }) => [action, target, actor])).toEqual([
      ["key.revoke", id, "root"],
      ["server.delete", "files", id],
      ["server.register", "files", id],
      ["key.create", id, "root"],
    ]);
    expect(entries[2]).toMatchObject({ requestId: "my-request-1", detail: { headerNames: ["Authorization"] } });
    expect(text).not.toContain("hush");
  });

  it("pages back to the first change, each once", async () => {
    for (let i = 0; i < 5; i += 1) await makeKey({ scopes: [] });
    const whole = (await ask("/audit?limit=1000")).body["entries"] as { id: number }[];
    const pages = await pagesOf("/audit?limit=3");
    const seen = pages.flatMap(({ body }) => (body["entries"] as { id: number }[]).map(({ id }) => id));
    expect(seen).toEqual(whole.map(({ id }) => id));
  });
});
