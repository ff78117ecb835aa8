import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, connectTo, makeKey, register, tool, type FakeServer } from "../door.ts";
import { expectFault, legacy, modern, modernVersion, openSession, resultOf } from "./client.ts";

const files: FakeServer = {
  host: "files.example",
  tools: [tool("read"), tool("write")],
  instructions: 'Mind the \\\\ "quotes".',
};
const envelope = "io.modelcontextprotocol/";
const identity = { [`${envelope}serverInfo`]: { name: "patchbay", title: "Patchbay", version: "0.1.0" } };

beforeEach(async () => {
  connectTo(files);
  await register({ id: "files", url: "https://files.example/mcp" });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await ask("/toolsets/small", { method: "DELETE" });
  await ask("/servers/files", { method: "DELETE" });
});

describe("server/discover", () => {
  it("says what the gateway speaks and does, and who it is", async () => {
    expect(resultOf(await modern("/mcp", "server/discover"))).toEqual({
      resultType: "complete",
      supportedVersions: [modernVersion],
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        completions: {},
        logging: {},
      },
      instructions: "Tools and prompts are named after their server: server__name.",
      ttlMs: 60_000,
      cacheScope: "public",
      _meta: identity,
    });
  });

  it("passes a server's own instructions on, and a toolset's", async () => {
    const own = resultOf(await modern("/mcp/servers/files", "server/discover"));
    expect(own["instructions"]).toBe(files.instructions);
    const made = await ask("/toolsets", { json: { id: "small", instructions: "Only what is small." } });
    expect(made.status, made.text).toBe(201);
    expect(resultOf(await modern("/mcp/toolsets/small", "server/discover"))["instructions"]).toBe(
      "Only what is small.",
    );
  });

  it("is the key's own where the key has a toolset", async () => {
    await ask("/toolsets", { json: { id: "small", instructions: "Yours." } });
    const { key } = await makeKey({ scopes: ["tools:list"], toolset: "small" });
    expect(resultOf(await modern("/mcp", "server/discover", {}, { key }))).toMatchObject({
      instructions: "Yours.",
      cacheScope: "private",
    });
    await ask(`/keys/${key.slice("patchbay_".length, "patchbay_".length + 10)}`, { method: "DELETE" });
  });
});

describe("the envelope", () => {
  it.each([
    ["protocolVersion", -32_602],
    ["clientCapabilities", -32_602],
  ])("must have %s", async (member, code) => {
    const refused = await modern("/mcp", "tools/list", {}, { meta: { [`${envelope}${member}`]: null }, id: "a1" });
    expectFault(refused, 400, code);
    expect(refused.body["id"]).toBe("a1");
  });

  it("need not say who the client is", async () => {
    expect((await modern("/mcp", "tools/list", {}, { meta: { [`${envelope}clientInfo`]: null } })).status).toBe(200);
  });

  it("must name a version that is spoken here, and the same as the header", async () => {
    const headers = { "mcp-protocol-version": "2099-01-01" };
    const meta = { [`${envelope}protocolVersion`]: "2099-01-01" };
    const { data } = expectFault(await modern("/mcp", "tools/list", {}, { meta, headers }), 400, -32_022);
    expect(data).toEqual({ supported: [modernVersion], requested: "2099-01-01" });
    expectFault(await modern("/mcp", "tools/list", {}, { meta }), 400, -32_020);
    expectFault(await modern("/mcp", "tools/list", {}, { headers: { "mcp-protocol-version": null } }), 400, -32_020);
  });
});

describe("mirrored headers", () => {
  it.each([
    { "mcp-method": null },
    { "mcp-method": "tools/call" },
    { "mcp-method": "TOOLS/LIST" },
    { "mcp-protocol-version": "2025-11-25" },
  ])("must say what the body says: %o", async (headers) => {
    expectFault(await modern("/mcp", "tools/list", {}, { headers }), 400, -32_020);
  });

  it("holds for the name of what is called, encoded or not", async () => {
    const call = (name: string | null) =>
      modern("/mcp/servers/files", "tools/call", { name: "read" }, { headers: { "mcp-name": name } });
    for (const name of [null, "write", "Read", "=?base64?d3JpdGU=?=", "=?base64?%%%?="]) {
      expectFault(await call(name), 400, -32_020);
    }
    for (const name of ["read", "=?base64?cmVhZA==?="]) expect(resultOf(await call(name))["content"]).toHaveLength(1);
  });
});

it.each([
  "initialize",
  "ping",
  "logging/setLevel",
  "resources/subscribe",
  "resources/unsubscribe",
  "tasks/list",
  "no/such",
  "constructor",
  "__proto__",
])("knows no method %s, though the same address serves clients that do", async (method) => {
  expectFault(await modern("/mcp", method, { level: "debug", uri: "x:y" }), 404, -32_601);
});

it("keeps no sessions, and is not impressed by any", async () => {
  const session = await openSession("/mcp");
  for (const id of [session, "stolen", ""]) {
    const answer = await modern("/mcp", "tools/list", {}, { headers: { "mcp-session-id": id } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("mcp-session-id")).toBeNull();
  }
  for (const method of ["GET", "DELETE"]) {
    const headers = { "mcp-protocol-version": modernVersion, "mcp-session-id": session, accept: "text/event-stream" };
    const refused = await ask("/mcp", { method, headers });
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "POST"]);
  }
  const still = await legacy("/mcp", "ping", undefined, { headers: { "mcp-session-id": session } });
  expect(still.status).toBe(200);
});

it("takes notifications, and has nothing to say to them", async () => {
  const told = await modern("/mcp", "notifications/cancelled", { requestId: 1 }, { id: undefined });
  expect([told.status, told.text]).toEqual([202, ""]);
});

it("refuses the answers of a client, which it never asks anything", async () => {
  const refused = await ask("/mcp", {
    text: `{"jsonrpc":"2.0","id":1,"result":{}}`,
    headers: { "mcp-protocol-version": modernVersion },
  });
  expectFault(refused, 400, -32_600);
});

it("gives every result a type and our name, instead of the server's", async () => {
  files.answer = (_request, message) =>
    message?.method === "tools/call"
      ? Response.json({
          jsonrpc: "2.0",
          id: message.id,
          result: {
            content: [],
            extra: 1,
            _meta: { [`${envelope}serverInfo`]: { name: "files", version: "9" }, own: 1 },
          },
        })
      : undefined;
  const called = resultOf(await modern("/mcp/servers/files", "tools/call", { name: "read" }));
  delete files.answer;
  expect(called).toEqual({ resultType: "complete", content: [], extra: 1, _meta: { ...identity, own: 1 } });
});

it("answers a tool that is not there in band, with the protocol's own code", async () => {
  for (const path of ["/mcp", "/mcp/servers/files"]) {
    const { data } = expectFault(await modern(path, "tools/call", { name: "files__none" }), 200, -32_602);
    expect(data).toMatchObject({ code: "unknown_tool", retryable: false });
  }
});
