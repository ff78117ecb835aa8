import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ask,
  connectTo,
  expectProblem,
  faultsIn,
  makeKey,
  pagesOf,
  passTime,
  register,
  tool,
  type FakeServer,
} from "./door.ts";

const files: FakeServer = { host: "files.example", tools: [tool("read"), tool("write")] };

beforeEach(async () => {
  connectTo(files);
  await register({ id: "files", url: "https://files.example/mcp" });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await ask("/servers/files", { method: "DELETE" });
});

const call = (key: string, name = "files__read") => ask("/call", { key, json: { tool: name } });

/** Longer than any lease: what was decided before holds everywhere now. */
const letLeasesEnd = () => passTime(2_001);

describe("creating", () => {
  it("shows the secret once, and it works at once", async () => {
    const made = await ask("/keys", {
      json: { name: "ci", scopes: ["tools:call"], limit: { perMinute: 100, burst: 100 } },
    });
    expect(made.status).toBe(201);
    const { id, key } = made.body as { id: string; key: string };
    expect(made.headers.get("location")).toBe(`/keys/${id}`);
    expect(made.headers.get("cache-control")).toBe("no-store");
    expect(made.body).toMatchObject({
      name: "ci",
      state: "active",
      scopes: ["tools:call"],
      tools: null,
      limit: { perMinute: 100, burst: 100 },
      expiresAt: null,
      revokedAt: null,
    });
    expect((await call(key)).status).toBe(200);
    for (const path of ["/keys", `/keys/${id}`, "/audit"]) {
      const { text } = await ask(path);
      expect(text).toContain(id);
      expect(text).not.toContain(key);
      expect(text).not.toContain("digest");
    }
  });

  it("takes both headers for a key, and not both at once", async () => {
    const { key } = await makeKey({ scopes: ["tools:list"] });
    expect((await ask("/tools", { key: null, headers: { "x-api-key": key } })).status).toBe(200);
    expect((await ask("/tools", { key: null, headers: { authorization: `bearer ${key}` } })).status).toBe(200);
    expectProblem(await ask("/tools", { key, headers: { "x-api-key": key } }), 400, "two_credentials");
    expectProblem(await ask(`/tools?key=${key}`, { key: null }), 400, "key_in_query");
  });

  it("refuses every forgery with the same words", async () => {
    const { key } = await makeKey({ scopes: ["tools:list"] });
    const last = key.endsWith("a") ? "b" : "a";
    const forged = [key.slice(0, -1) + last, key.slice(0, -1), `${key}a`, key.toUpperCase(), "patchbay_", "x", "Ω"];
    for (const wrong of forged.filter((one) => /^[\x20-\x7e]+$/.test(one))) {
      const refused = await ask("/tools", { key: wrong });
      expectProblem(refused, 401, "key_invalid");
      expect(refused.headers.get("www-authenticate")).toBe('Bearer realm="patchbay", error="invalid_token"');
    }
    const none = await ask("/tools", { key: null });
    expectProblem(none, 401, "key_missing");
    expect(none.headers.get("www-authenticate")).toBe('Bearer realm="patchbay"');
  });

  it.each([
    [{}, ["/scopes"]],
    [{ scopes: ["fly"] }, ["/scopes/0"]],
    [{ scopes: "tools:call" }, ["/scopes"]],
    [{ scopes: [], name: "" }, ["/name"]],
    [{ scopes: [], name: "x".repeat(101) }, ["/name"]],
    [{ scopes: [], limit: { burst: 5 } }, ["/limit/perMinute"]],
    [{ scopes: [], limit: "none" }, ["/limit"]],
    [{ scopes: [], tools: ["sp ace"] }, ["/tools/0"]],
    [{ scopes: [], serverLimits: { a__b: { perMinute: 1 } } }, ["/serverLimits/a__b"]],
    [{ scopes: [], expiresAt: "2020-01-01T00:00:00Z" }, ["/expiresAt"]],
    [{ scopes: [], expiresAt: "tomorrow" }, ["/expiresAt"]],
    [{ scopes: [], owner: "me" }, ["/owner"]],
  ])("names what is wrong with %j", async (json, paths) => {
    const refused = await ask("/keys", { json: { name: "test", ...json } });
    expectProblem(refused, 422, "invalid_fields");
    expect(faultsIn(refused)).toEqual(paths);
  });
});

describe("scopes", () => {
  it("lets each scope do its own and nothing else", async () => {
    const doors = [
      ["tools:list", "GET", "/tools"],
      ["servers:read", "GET", "/servers"],
      ["servers:read", "GET", "/status"],
      ["servers:read", "GET", "/shards"],
      ["servers:write", "POST", "/servers/files:check"],
      ["keys:write", "GET", "/keys"],
      ["audit:read", "GET", "/audit"],
      ["settings:write", "GET", "/settings"],
    ] as const;
    const scopes = [...new Set(doors.map(([scope]) => scope))];
    for (const held of scopes) {
      const { key } = await makeKey({ scopes: [held] });
      for (const [scope, method, path] of doors) {
        const { status, text } = await ask(path, { key, method });
        expect([held, path, status]).toEqual([held, path, scope === held ? 200 : 403]);
        expect(scope === held || text.includes(`"scope":"${scope}"`)).toBe(true);
      }
      expect(expectProblem(await call(key), 403, "scope_missing")["scope"]).toBe("tools:call");
    }
    const { key } = await makeKey({ scopes: ["admin"] });
    for (const [, method, path] of doors) expect((await ask(path, { key, method })).status, path).toBe(200);
  });

  it("lets nobody give away more than they hold", async () => {
    const maker = await makeKey({ scopes: ["keys:write", "tools:call"], tools: ["files__*"] });
    const make = (fields: object) => ask("/keys", { key: maker.key, json: { name: "test", ...fields } });
    expect((await make({ scopes: ["tools:call"], tools: ["files__read"] })).status).toBe(201);
    expect((await make({ scopes: ["tools:call"], tools: ["files__r*d"] })).status).toBe(201);
    expectProblem(await make({ scopes: ["servers:write"], tools: ["files__read"] }), 403, "scope_missing");
    expectProblem(await make({ scopes: ["admin"], tools: ["files__read"] }), 403, "scope_missing");
    const wide = await make({ scopes: ["tools:call"] });
    expectProblem(wide, 422, "invalid_fields");
    expect(faultsIn(wide)).toEqual(["/tools"]);
    const wider = await make({ scopes: ["tools:call"], tools: ["files__read", "fil*"] });
    expectProblem(wider, 422, "invalid_fields");
    expect(faultsIn(wider)).toEqual(["/tools/1"]);
  });

  it("lets nobody take over a key that holds more than theirs", async () => {
    const admin = await makeKey({ scopes: ["admin"] });
    const maker = await makeKey({ scopes: ["keys:write"] });
    for (const [method, path, json] of [
      ["POST", `/keys/${admin.id}:rotate`, {}],
      ["PATCH", `/keys/${admin.id}`, { name: "mine" }],
      ["DELETE", `/keys/${admin.id}`, undefined],
    ] as const) {
      expectProblem(await ask(path, { method, key: maker.key, ...(json ? { json } : {}) }), 403, "scope_missing");
    }
    const raise = await ask(`/keys/${maker.id}`, { method: "PATCH", key: maker.key, json: { scopes: ["admin"] } });
    expectProblem(raise, 403, "scope_missing");
    expect((await ask("/settings", { key: admin.key })).status).toBe(200);
  });

  it("hides the tools that a key may not use", async () => {
    const { key } = await makeKey({ scopes: ["tools:call"], tools: ["files__read"] });
    expect((await call(key)).status).toBe(200);
    const refused = expectProblem(await call(key, "files__write"), 404, "unknown_tool");
    const unknown = expectProblem(await call(key, "files__wrote"), 404, "unknown_tool");
    expect(refused["nearest"]).toEqual(unknown["nearest"]);
  });
});

describe("changing and showing", () => {
  it("keeps the toolset that a key finds, and refuses one that is not there", async () => {
    const refused = await ask("/keys", { json: { name: "test", scopes: ["tools:call"], toolset: "nowhere" } });
    expectProblem(refused, 422, "invalid_fields");
    expect(faultsIn(refused)).toEqual(["/toolset"]);
    const { id } = await makeKey({ scopes: ["tools:call"] });
    expect((await ask(`/keys/${id}`)).body["toolset"]).toBeNull();
    const patched = await ask(`/keys/${id}`, { method: "PATCH", json: { toolset: "nowhere" } });
    expectProblem(patched, 422, "invalid_fields");
    expect((await ask(`/keys/${id}`, { method: "PATCH", json: { toolset: null } })).body["toolset"]).toBeNull();
  });

  it("changes what is named and nothing else", async () => {
    const { id, key } = await makeKey({ scopes: ["tools:call"], tools: ["files__read"], limit: { perMinute: 60 } });
    const patch = async (json: object) => (await ask(`/keys/${id}`, { method: "PATCH", json })).body;
    expect(await patch({ name: "renamed" })).toMatchObject({ name: "renamed", limit: { perMinute: 60, burst: 60 } });
    expect(await patch({ limit: null })).toMatchObject({ limit: null, tools: ["files__read"] });
    expect(await patch({ limit: "default", tools: null })).toMatchObject({ limit: "default", tools: null });
    letLeasesEnd();
    expect((await call(key, "files__write")).status).toBe(200);
    expect(await patch({ scopes: [] })).toMatchObject({ scopes: [], name: "renamed" });
    letLeasesEnd();
    expectProblem(await call(key), 403, "scope_missing");
  });

  it("holds a changed limit", async () => {
    const { id, key } = await makeKey({ scopes: ["tools:call"], limit: null });
    await ask(`/keys/${id}`, { method: "PATCH", json: { limit: { perMinute: 2, burst: 2 } } });
    letLeasesEnd();
    const answers = [await call(key), await call(key), await call(key)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    const refused = answers[2];
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("lists keys page by page, with when they were last used", async () => {
    const used = await makeKey({ scopes: ["tools:call"] });
    const idle = await makeKey({ scopes: ["tools:call"] });
    await call(used.key);
    const pages = await pagesOf("/keys?limit=3");
    const listed = pages.flatMap(({ body }) => body["keys"] as { id: string; lastUsedAt: unknown }[]);
    const seen = new Map(listed.map(({ id, lastUsedAt }) => [id, lastUsedAt]));
    expect(seen.size).toBe(listed.length);
    expect(seen.get(used.id)).toEqual(expect.any(String));
    expect(seen.get(idle.id)).toBeNull();
  });

  it.each(["GET", "PATCH", "DELETE"])("says when there is no such key to %s", async (method) => {
    const json = method === "PATCH" ? { json: {} } : {};
    expectProblem(await ask("/keys/nobody", { method, ...json }), 404, "unknown_key");
  });

  it("says when there is no such key to rotate", async () => {
    expectProblem(await ask("/keys/nobody:rotate", { method: "POST" }), 404, "unknown_key");
  });
});
