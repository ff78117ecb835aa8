import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, connectTo, makeKey, passTime, register, tool, type FakeServer } from "../door.ts";
import { expectFault, legacy, modern, openSession, resultOf } from "./client.ts";

const files: FakeServer = { host: "files.example", tools: [tool("read")], instructions: "Read first." };
const hour = 60 * 60 * 1000;

beforeEach(async () => {
  connectTo(files);
  await register({ id: "files", url: "https://files.example/mcp" });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await ask("/servers/files", { method: "DELETE" });
});

function inSession(path: string, session: string, method = "ping", params = {}) {
  return legacy(path, method, params, { headers: { "mcp-session-id": session } });
}

describe("initialize", () => {
  it.each([
    ["2025-11-25", "2025-11-25"],
    ["2025-06-18", "2025-06-18"],
    ["2025-03-26", "2025-03-26"],
    ["2024-11-05", "2024-11-05"],
    ["2024-10-07", "2024-10-07"],
    ["2026-07-28", "2025-11-25"],
    ["2099-01-01", "2025-11-25"],
    ["1.0", "2025-11-25"],
  ])("asked for %s, agrees on %s", async (asked, agreed) => {
    const opened = await legacy("/mcp", "initialize", { protocolVersion: asked, capabilities: {}, clientInfo: {} });
    expect(resultOf(opened)["protocolVersion"]).toBe(agreed);
  });

  it("says what the gateway does and who it is, and opens a session", async () => {
    const opened = await legacy("/mcp/servers/files", "initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
    });
    expect(resultOf(opened)).toEqual({
      protocolVersion: "2025-11-25",
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        completions: {},
        logging: {},
      },
      serverInfo: { name: "patchbay", title: "Patchbay", version: "0.1.0" },
      instructions: "Read first.",
    });
    expect(opened.headers.get("mcp-session-id")).toMatch(/^[\x21-\x7e]{64,}$/);
    const told = await legacy("/mcp", "notifications/initialized", undefined, { id: undefined });
    expect([told.status, told.text]).toEqual([202, ""]);
  });

  it("refuses capabilities that no header could carry", async () => {
    const capabilities = { experimental: { long: { text: "x".repeat(5_000) } } };
    expectFault(await legacy("/mcp", "initialize", { protocolVersion: "2025-11-25", capabilities }), 400, -32_602);
  });

  it("gives ids that have nothing in common", async () => {
    const ids = new Set<string>();
    for (let n = 0; n < 50; n += 1) ids.add(await openSession("/mcp"));
    expect(ids.size).toBe(50);
    const nonces = [...ids].map((id) => id.split(".")[2] ?? "");
    expect(new Set(nonces.map((nonce) => nonce.slice(0, 6))).size).toBe(50);
  });
});

describe("a session", () => {
  it("is its key's, at its endpoint, untouched, for a day: 404 for everyone else, and no server hears of it", async () => {
    const session = await openSession("/mcp");
    expect((await inSession("/mcp", session)).status).toBe(200);
    const other = await makeKey({ scopes: ["admin"] });
    const foreign = await legacy("/mcp", "ping", {}, { key: other.key, headers: { "mcp-session-id": session } });
    expectFault(foreign, 404, 40_400);
    expectFault(await inSession("/mcp/servers/files", session), 404, 40_400);
    for (const at of [0, 3, 10, 30, session.length >> 1, session.length - 1]) {
      const changed = session[at] === "x" ? "y" : "x";
      expectFault(await inSession("/mcp", session.slice(0, at) + changed + session.slice(at + 1)), 404, 40_400);
    }
    for (const id of ["", "x", crypto.randomUUID(), `${session}x`, session.slice(0, -4)]) {
      expectFault(await inSession("/mcp", id), 404, 40_400);
    }
    passTime(23 * hour);
    expect((await inSession("/mcp", session)).status).toBe(200);
    passTime(2 * hour);
    expectFault(await inSession("/mcp", session), 404, 40_400);
  });

  it("opens for a key that was rotated", async () => {
    const { id, key } = await makeKey({ scopes: ["admin"] });
    const session = await openSession("/mcp", { key });
    const rotated = await ask(`/keys/${id}:rotate`, { method: "POST" });
    const fresh = String(rotated.body["key"]);
    const again = await legacy("/mcp", "ping", {}, { key: fresh, headers: { "mcp-session-id": session } });
    expect(again.status, again.text).toBe(200);
  });

  it("ends when its client says so", async () => {
    const session = await openSession("/mcp");
    const remove = () => ask("/mcp", { method: "DELETE", headers: { "mcp-session-id": session } });
    const ended = await remove();
    expect([ended.status, ended.text]).toEqual([204, ""]);
    expectFault(await inSession("/mcp", session), 404, 40_400);
    expectFault(await remove(), 404, 40_400);
    passTime(3_000);
    expectFault(await inSession("/mcp", session), 404, 40_400);
  });

  it("is missing, 400, where one is needed, and not where none is", async () => {
    const needy = [
      ["logging/setLevel", { level: "debug" }],
      ["resources/subscribe", { uri: "file:///a" }],
      ["resources/unsubscribe", { uri: "file:///a" }],
    ] as const;
    for (const [method, params] of needy) expectFault(await legacy("/mcp", method, params), 400, -32_600);
    expectFault(await ask("/mcp", { method: "DELETE" }), 400, -32_600);
    expectFault(await ask("/mcp", { headers: { accept: "text/event-stream" } }), 400, -32_600);
    const answer = await ask("/mcp", { text: `{"jsonrpc":"2.0","id":1,"result":{}}`, method: "POST" });
    expectFault(answer, 400, -32_600);
    expect(resultOf(await legacy("/mcp", "tools/list"))["tools"]).toHaveLength(1);
    expect(resultOf(await legacy("/mcp", "ping"))).toEqual({});
    expect(resultOf(await legacy("/mcp", "tools/call", { name: "read" }))["content"]).toHaveLength(1);
  });

  it("keeps the level of its log, if that is one", async () => {
    const session = await openSession("/mcp");
    for (const level of ["debug", "emergency"]) {
      expect(resultOf(await inSession("/mcp", session, "logging/setLevel", { level }))).toEqual({});
    }
    for (const level of ["loud", 3, undefined]) {
      expectFault(await inSession("/mcp", session, "logging/setLevel", { level }), 200, -32_602);
    }
  });
});

it("takes every version of its era in the header, and none besides", async () => {
  const ping = (version: string) => legacy("/mcp", "ping", {}, { headers: { "mcp-protocol-version": version } });
  for (const version of ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]) {
    expect((await ping(version)).status).toBe(200);
  }
  for (const version of ["2025-01-01", "banana", ""]) expect((await ping(version)).status).toBe(400);
  expectFault(await ping("2026-07-28"), 400, -32_602);
});

it("knows no method of the other era, in band", async () => {
  for (const method of ["server/discover", "subscriptions/listen", "tasks/get", "no/such", "toString"]) {
    expectFault(await legacy("/mcp", method, {}), 200, -32_601);
  }
});

it("wants a GET to take a stream of events", async () => {
  const session = await openSession("/mcp");
  const refused = await ask("/mcp", { headers: { accept: "application/json", "mcp-session-id": session } });
  expectFault(refused, 406, 40_600);
});

it("leaves what a modern client needs out of its results", async () => {
  const listed = resultOf(await legacy("/mcp", "tools/list"));
  expect(Object.keys(listed)).toEqual(["tools"]);
  expect(Object.keys(resultOf(await modern("/mcp", "tools/list"))).sort()).toEqual([
    "_meta",
    "cacheScope",
    "resultType",
    "tools",
    "ttlMs",
  ]);
});
