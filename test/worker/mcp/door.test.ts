import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, connectTo, expectProblem, makeKey, register, tool, type FakeServer } from "../door.ts";
import { expectFault, legacy, modern, openSession, resultOf } from "./client.ts";

const files: FakeServer = { host: "files.example", tools: [tool("read"), tool("write")] };
const paths = ["/mcp", "/mcp/servers/files"] as const;
const accept = "application/json, text/event-stream";

beforeEach(async () => {
  connectTo(files);
  await register({ id: "files", url: "https://files.example/mcp" });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await ask("/servers/files", { method: "DELETE" });
});

describe.each(paths)("%s", (path) => {
  it.each([
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "https://localhost, https://localhost",
    "https://localhost/",
    "file://localhost",
  ])("turns away pages of %s before it looks at the key", async (page) => {
    for (const method of ["POST", "GET", "DELETE"]) {
      const refused = await ask(path, { method, key: "nonsense", headers: { origin: page, accept } });
      expect(expectFault(refused, 403, 40_300).message).toContain("origin");
    }
  });

  it.each(["https://localhost", "http://127.0.0.1:3000", "http://[::1]:8080"])("lets pages of %s in", async (page) => {
    expect((await legacy(path, "ping", undefined, { headers: { origin: page } })).status).toBe(200);
  });

  it("wants a key, and says where to learn how to get one", async () => {
    const metadata = `resource_metadata="https://localhost/.well-known/oauth-protected-resource${path}"`;
    for (const method of ["POST", "GET", "DELETE"]) {
      const refused = await ask(path, { method, key: null, headers: { accept } });
      expectProblem(refused, 401, "key_missing");
      expect(refused.headers.get("www-authenticate")).toBe(`Bearer realm="patchbay", ${metadata}`);
    }
    const forged = await legacy(path, "ping", undefined, { key: "patchbay_nonsense" });
    expect(forged.status).toBe(401);
    expect(forged.headers.get("www-authenticate")).toContain(`error="invalid_token", ${metadata}`);
  });

  it("names the scope that is missing", async () => {
    const { key } = await makeKey({ scopes: ["servers:read"] });
    for (const refused of [
      await legacy(path, "tools/list", {}, { key }),
      await modern(path, "tools/list", {}, { key }),
    ]) {
      const { data } = expectFault(refused, 403, 40_300);
      expect(data).toMatchObject({ code: "scope_missing", scope: "tools:list", retryable: false });
      expect(data?.["requestId"]).toBe(refused.headers.get("x-request-id"));
      const challenge = refused.headers.get("www-authenticate");
      expect(challenge).toContain('error="insufficient_scope", scope="tools:list"');
      expect(challenge).toContain("resource_metadata=");
    }
  });

  it("answers a key whose limit is used up with 429, in the request's own id", async () => {
    const { key } = await makeKey({ scopes: ["tools:list"], limit: { perMinute: 1, burst: 1 } });
    expect((await modern(path, "server/discover", {}, { key })).status).toBe(200);
    const refused = await modern(path, "server/discover", {}, { key, id: "my id" });
    const { data } = expectFault(refused, 429, 42_900);
    expect(refused.body["id"]).toBe("my id");
    expect(data).toMatchObject({ code: "rate_limited", retryable: true, limit: "key" });
    const { retryAfterMs } = data as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(refused.headers.get("retry-after")).toBe(String(Math.ceil(retryAfterMs / 1000)));
    expect(refused.headers.get("ratelimit-policy")).toBeNull();
  });

  it("takes JSON and nothing else", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/problem+json"]) {
      const refused = await ask(path, { text: "{}", headers: { "content-type": type, accept } });
      expectFault(refused, 415, 41_500);
    }
    const headers = { "content-type": "Application/JSON; charset=utf-8" };
    expect((await legacy(path, "ping", undefined, { headers })).status).toBe(200);
  });

  it("answers in a form that the client takes", async () => {
    for (const wanted of ["text/html", "application/xml, text/plain;q=0.5", "application/json;q=0"]) {
      expectFault(await legacy(path, "ping", undefined, { headers: { accept: wanted } }), 406, 40_600);
    }
    for (const wanted of [null, "*/*", "application/json", "application/*"]) {
      const answer = await legacy(path, "ping", undefined, { headers: { accept: wanted } });
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
    }
    const streamed = await legacy(path, "ping", undefined, { headers: { accept: "text/event-stream" } });
    expect(streamed.headers.get("content-type")).toBe("text/event-stream");
    expect(streamed.headers.get("x-accel-buffering")).toBe("no");
    expect(streamed.text).toBe(':\n\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
  });

  it.each([
    ["{", -32_700],
    ["", -32_700],
    [`{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}`, -32_700],
    ["[]", -32_600],
    ["{}", -32_600],
    [`{"jsonrpc":"2.0","id":1,"method":7}`, -32_600],
    [`{"jsonrpc":"2.0","id":{},"method":"ping"}`, -32_600],
  ])("refuses %s", async (text, code) => {
    const refused = await ask(path, { text, method: "POST", headers: { accept } });
    expectFault(refused, 400, code);
  });

  it("echoes the id of a request that it refuses, as it was written", async () => {
    const text = `{"jsonrpc":"2.0","id":12345678901234567890,"method":"none","params":7}`;
    const refused = await ask(path, { text, headers: { accept } });
    expect(refused.text).toContain(`"id":12345678901234567890,`);
  });

  it("knows three methods of HTTP", async () => {
    for (const method of ["PUT", "PATCH", "OPTIONS"]) {
      const refused = await ask(path, { method });
      expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, POST, DELETE"]);
    }
  });
});

describe("an endpoint that is not there", () => {
  it("is 404, for every request of either era", async () => {
    for (const path of ["/mcp/servers/nowhere", "/mcp/toolsets/nowhere"]) {
      for (const method of ["ping", "tools/list", "initialize"]) {
        expect((await legacy(path, method, {})).status).toBe(404);
      }
      expectFault(await modern(path, "server/discover"), 404, 40_400);
      expectFault(await modern(path, "tools/list"), 404, 40_400);
    }
    expectProblem(await ask("/mcp/nowhere"), 404, "unknown_route");
  });

  it("looks the same as one where the key may use nothing", async () => {
    const { key } = await makeKey({ scopes: ["tools:list"], tools: ["other__*", "files", "fi"] });
    const hidden = await modern("/mcp/servers/files", "tools/list", {}, { key });
    expectFault(hidden, 404, 40_400);
    expect(hidden.text).not.toContain("https");
    for (const pattern of ["files__read", "f*", "*", "*__read"]) {
      const made = await makeKey({ scopes: ["tools:list"], tools: [pattern] });
      expect((await modern("/mcp/servers/files", "tools/list", {}, { key: made.key })).status).toBe(200);
    }
  });
});

it("tells of the limits that a request counted against", async () => {
  const { key } = await makeKey({ scopes: ["tools:list"], limit: { perMinute: 60, burst: 10 } });
  const listed = await modern("/mcp", "tools/list", {}, { key });
  expect(resultOf(listed)["tools"]).toHaveLength(2);
  expect(listed.headers.get("ratelimit-policy")).toBe('"key";q=10;w=10');
  expect(listed.headers.get("cache-control")).toBe("no-store");
});

it("lets a key that may only call see no lists", async () => {
  const { key } = await makeKey({ scopes: ["tools:call"] });
  for (const method of ["tools/list", "prompts/list", "resources/list", "resources/templates/list"]) {
    expectFault(await modern("/mcp", method, {}, { key }), 403, 40_300);
  }
  expectFault(await modern("/mcp", "subscriptions/listen", { notifications: {} }, { key }), 403, 40_300);
  expect(resultOf(await modern("/mcp", "tools/call", { name: "files__read" }, { key }))["content"]).toHaveLength(1);
});

it("opens sessions for keys that may list or call, and for no others", async () => {
  for (const scope of ["tools:list", "tools:call", "admin"]) {
    const { key } = await makeKey({ scopes: [scope] });
    expect(await openSession("/mcp", { key })).not.toBe("");
  }
  const { key } = await makeKey({ scopes: ["audit:read"] });
  expectFault(await legacy("/mcp", "initialize", { protocolVersion: "2025-11-25" }, { key }), 403, 40_300);
});
