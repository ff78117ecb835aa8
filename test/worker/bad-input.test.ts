import { describe, expect, it } from "vitest";
import { ask, expectProblem, faultsIn } from "./door.ts";

const bodies = [
  ["POST", "/servers"],
  ["POST", "/servers:import"],
  ["PATCH", "/servers/x"],
  ["PUT", "/shards"],
  ["POST", "/keys"],
  ["PATCH", "/keys/x"],
  ["POST", "/keys/x:rotate"],
  ["POST", "/toolsets"],
  ["PATCH", "/toolsets/x"],
  ["PATCH", "/settings"],
  ["POST", "/call"],
] as const;

describe.each(bodies)("%s %s", (method, path) => {
  it.each([
    ["nothing", ""],
    ["a word", "hello"],
    ["half an object", `{"name":"x"`],
    ["two objects", `{}{}`],
    // Editors write them into files that they call JSON.
    ...(path === "/servers:import" ? [] : [["a trailing comma", `{"a":1,}`]]),
    ["NaN", `{"a":NaN}`],
  ])("refuses %s as malformed", async (_, text) => {
    expectProblem(
      await ask(path, { method, text, headers: { "transfer-encoding": "chunked" } }),
      400,
      "malformed_json",
    );
  });

  it("refuses bytes that are not UTF-8", async () => {
    const body = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    expectProblem(await ask(path, { method, bytes: body }), 400, "malformed_json");
  });

  it.each([
    [`{"a":1,"a":2}`, "/a"],
    [`{"deep":[{"b":{"c":1,"\\u0063":2}}]}`, "/deep/0/b/c"],
  ])("refuses the duplicate key in %s, and says where", async (text, at) => {
    const refused = await ask(path, { method, text });
    expectProblem(refused, 400, "duplicate_key");
    expect(faultsIn(refused)).toEqual([at]);
  });

  it("refuses a megabyte of nesting", async () => {
    for (const text of ["[".repeat(500_000) + "]".repeat(500_000), `{"a":`.repeat(65) + "1" + "}".repeat(65)]) {
      expectProblem(await ask(path, { method, text }), 400, "nested_too_deep");
    }
  });

  it("refuses more than 4 MiB, said or not", async () => {
    const text = `"${"x".repeat(4 * 1024 * 1024)}"`;
    expectProblem(await ask(path, { method, text }), 413, "body_too_large");
    const stream = new Response(text).body?.pipeThrough(new TransformStream());
    expectProblem(await ask(path, { method, ...(stream ? { bytes: stream } : {}) }), 413, "body_too_large");
  });

  it.each(["text/plain", "multipart/form-data; boundary=x", "application/jsonx"])("refuses %s", async (type) => {
    const refused = await ask(path, { method, text: "{}", headers: { "content-type": type } });
    expectProblem(refused, 415, "unsupported_media_type");
  });

  it("refuses a compressed body", async () => {
    const refused = await ask(path, { method, text: "{}", headers: { "content-encoding": "gzip" } });
    expectProblem(refused, 415, "unsupported_media_type");
  });

  it.each(["[]", "null", "5", `"x"`])("refuses %s where an object belongs", async (text) => {
    expectProblem(await ask(path, { method, text }), 422, "invalid_fields");
  });

  it.skipIf(path === "/servers:import")("names a field that it does not know", async () => {
    const refused = await ask(path, { method, json: { surprise: 1 } });
    expectProblem(refused, 422, "invalid_fields");
    expect(faultsIn(refused)).toContain("/surprise");
  });
});

describe("__proto__", () => {
  it.each(bodies)("is no field of %s %s", async (method, path) => {
    const refused = await ask(path, { method, text: `{"__proto__":{"scopes":["admin"]}}` });
    expectProblem(refused, 422, "invalid_fields");
    expect(faultsIn(refused)).toContain("/__proto__");
  });

  it.each([
    ["/servers", `{"id":"a","url":"https://files.example","headers":{"__proto__":"x"}}`, "/headers/__proto__"],
    ["/keys", `{"name":"a","scopes":[],"serverLimits":{"__proto__":{"perMinute":1}}}`, "/serverLimits/__proto__"],
    [
      "/toolsets",
      `{"id":"a","overrides":{"a__b":{"fixedArguments":{"__proto__":1}}}}`,
      "/overrides/a__b/fixedArguments/__proto__",
    ],
    ["/servers:import", `{"mcpServers":{"__proto__":{"url":"https://files.example"}}}`, "/mcpServers/__proto__"],
  ])("is no name inside %s", async (path, text, at) => {
    const refused = await ask(path, { text });
    expectProblem(refused, 422, "invalid_fields");
    expect(faultsIn(refused)).toEqual([at]);
    expect(({} as Record<string, unknown>)["perMinute"]).toBeUndefined();
  });

  it("is no server, shard, key, tool or error", async () => {
    expectProblem(await ask("/servers/__proto__"), 404, "unknown_server");
    expectProblem(await ask("/shards/__proto__"), 404, "unknown_shard");
    expectProblem(await ask("/keys/__proto__"), 404, "unknown_key");
    expectProblem(await ask("/toolsets/__proto__"), 404, "unknown_toolset");
    expectProblem(await ask("/docs/errors/__proto__"), 404, "unknown_route");
    expectProblem(await ask("/docs/errors/constructor"), 404, "unknown_route");
    expectProblem(await ask("/call", { json: { tool: "__proto__" } }), 404, "unknown_tool");
  });
});

describe("routes", () => {
  it.each([
    ["/serverz", "/servers"],
    ["/tool", "/tools"],
    ["/servers/", "/servers"],
    ["/healthz", "/health"],
    ["/server/files", "/servers/{id}"],
    ["/servers/files:chek", "/servers/{id}:check"],
    ["/openapi.jsn", "/openapi.json"],
  ])("has nothing at %s, but near it", async (path, near) => {
    const method = path.includes(":") ? "POST" : "GET";
    const problem = expectProblem(await ask(path, { key: null, method }), 404, "unknown_route");
    expect(problem["nearest"]).toContain(near);
  });

  it("answers a strange path without looking it up for long", async () => {
    const path = `/${"x".repeat(8_000)}`;
    const refused = await ask(path);
    expectProblem(refused, 404, "unknown_route");
    expect(refused.text.length).toBeLessThan(1_000);
  });

  it.each([
    ["POST", "/health", "GET, HEAD"],
    ["DELETE", "/servers", "GET, HEAD, POST"],
    ["PUT", "/servers/files", "GET, HEAD, PATCH, DELETE"],
    ["GET", "/servers/files:check", "POST"],
    ["POST", "/servers:export", "GET, HEAD"],
    ["GET", "/servers:import", "POST"],
    ["GET", "/call", "POST"],
    ["OPTIONS", "/tools", "GET, HEAD"],
    ["POST", "/keys/k", "GET, HEAD, PATCH, DELETE"],
  ])("does not %s %s, and says what it does", async (method, path, allow) => {
    const refused = await ask(path, { method, key: null });
    expectProblem(refused, 405, "method_not_allowed");
    expect(refused.headers.get("allow")).toBe(allow);
  });

  it("answers HEAD as GET, without the body", async () => {
    for (const path of ["/", "/health", "/docs", "/servers", "/tools"]) {
      const head = await ask(path, { method: "HEAD" });
      expect([path, head.status, head.text]).toEqual([path, 200, ""]);
    }
    expect((await ask("/servers/none", { method: "HEAD" })).status).toBe(404);
  });

  it.each(["/dashboard", "/metrics"])("says that %s is not built yet, whatever the method", async (path) => {
    for (const method of ["GET", "POST"]) {
      expectProblem(await ask(path, { method, key: null }), 501, "not_implemented");
    }
  });
});

describe("the edge", () => {
  it("sends documents from http to https, and refuses what carries a key", async () => {
    const http = "http://localhost";
    for (const path of ["/", "/docs", "/tools"]) {
      const moved = await ask(path, { key: null, origin: http, open: true });
      expect([moved.status, moved.headers.get("location")]).toEqual([308, `https://localhost${path}`]);
    }
    expectProblem(await ask("/tools", { origin: http, open: true }), 403, "https_required");
    expectProblem(
      await ask("/tools", { key: null, origin: http, open: true, headers: { "x-api-key": "x" } }),
      403,
      "https_required",
    );
    expectProblem(await ask("/call", { origin: http, open: true, json: {} }), 403, "https_required");
    expectProblem(await ask("/call", { key: null, origin: http, open: true, json: {} }), 403, "https_required");
  });

  it("goes by its own names only", async () => {
    expectProblem(await ask("/health", { origin: "https://evil.example" }), 403, "host_refused");
    expect((await ask("/health", { origin: "https://127.0.0.1:8443" })).status).toBe(200);
  });

  it("gives every answer a request id, the caller's own when it is a plain one", async () => {
    expect((await ask("/health", { headers: { "x-request-id": "abc-1" } })).headers.get("x-request-id")).toBe("abc-1");
    for (const bad of ["a b", "x".repeat(65), "<script>"]) {
      const { headers } = await ask("/health", { headers: { "x-request-id": bad } });
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-z]+$/);
    }
    const { headers } = await ask("/health");
    expect(headers.get("strict-transport-security")).toMatch(/^max-age=\d+/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
});
