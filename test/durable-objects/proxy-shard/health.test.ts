import { evictDurableObject, reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { Receipt } from "../../../core/contract/call.ts";
import { connectTo, FakeServer } from "./fake-server.ts";
import { codeOf, register, routeAsk, shardStub, type Place } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function receipt(result: string, more: Partial<Receipt> = {}): Receipt {
  const about = { server: "files", replica: "1", tool: "read", at: Date.now(), latencyMs: 10 };
  return { ...about, result, bytesIn: 100, bytesOut: 10, ...more };
}

async function healthOf({ shard, id }: Place) {
  const [health] = await shard.health([id]);
  if (health === undefined) throw new Error(`no health of ${id}`);
  return health;
}

async function becomes(place: Place, state: string): Promise<void> {
  await vi.waitFor(async () => expect((await healthOf(place)).state).toBe(state), { timeout: 5_000 });
}

it("tells what it has found out about a server", async () => {
  const files = new FakeServer("files.example", ["read", "write"]);
  connectTo(files);
  const before = Date.now();
  const health = await healthOf(await register(files));
  expect(health).toEqual({
    id: "files",
    state: "ready",
    reason: "",
    since: expect.any(Number),
    kind: "http",
    era: "legacy",
    protocolVersion: "2025-11-25",
    negotiatedAt: expect.any(Number),
    serverName: "fake files.example",
    serverVersion: "1.0.0",
    catalogAt: expect.any(Number),
    tools: 2,
    prompts: 0,
    resources: 0,
    templates: 0,
    calls: 0,
    failures: 0,
  });
  expect(health.since).toBeGreaterThanOrEqual(before);
});

it("refuses calls to a server that is down at once, and says since when and why", async () => {
  const files = new FakeServer("files.example", ["read"]);
  files.mood = "failing";
  const wire = connectTo(files);
  const place = await register(files);
  const { since } = await healthOf(place);
  const dials = wire.dials;
  expect(await place.shard.route(routeAsk("files", "read"))).toEqual({
    ok: false,
    failure: {
      code: "server_down",
      server: "files",
      execution: "not_executed",
      since,
      evidence: expect.stringContaining("503"),
    },
  });
  expect(wire.dials).toBe(dials);
});

it("finds out by itself that a server is back", async () => {
  const files = new FakeServer("files.example", ["read"]);
  files.mood = "refusing";
  connectTo(files);
  const place = await register(files);
  const down = await healthOf(place);
  expect(down.state).toBe("down");
  files.mood = "well";
  await runDurableObjectAlarm(shardStub(place.number));
  await becomes(place, "ready");
  const ready = await healthOf(place);
  expect(ready.reason).toBe("");
  expect(ready.since).toBeGreaterThan(down.since);
  expect(codeOf(await place.shard.route(routeAsk("files", "read")))).toBe("ok");
});

it("tries a server that stays down again and again, with its first instant kept", async () => {
  const files = new FakeServer("files.example", ["read"]);
  files.mood = "refusing";
  const wire = connectTo(files);
  const place = await register(files);
  const { since } = await healthOf(place);
  const { dials } = wire;
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(shardStub(place.number));
    expect(wire.dials).toBeGreaterThanOrEqual(dials + 3);
  });
  expect(await healthOf(place)).toMatchObject({ state: "down", since });
});

it("remembers that a server is down through an eviction, and goes on trying", async () => {
  const files = new FakeServer("files.example", ["read"]);
  files.mood = "refusing";
  connectTo(files);
  const place = await register(files);
  const down = await healthOf(place);
  await evictDurableObject(shardStub(place.number));
  expect(await healthOf(place)).toEqual(down);
  files.mood = "well";
  await runDurableObjectAlarm(shardStub(place.number));
  await becomes(place, "ready");
});

it("takes a server for degraded when a call breaks, until it has looked", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  expect(codeOf(await place.shard.route(routeAsk("files", "read")))).toBe("ok");
  files.mood = "hanging";
  vi.setSystemTime(Date.now() + 1_500);
  await place.shard.settle([receipt("outcome_unknown")]);
  expect(await healthOf(place)).toMatchObject({ state: "degraded", reason: "A call failed with outcome_unknown." });
  expect(codeOf(await place.shard.route(routeAsk("files", "read")))).toBe("ok");
  files.mood = "well";
  await becomes(place, "ready");
});

it("takes it for down when the look fails too", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  files.mood = "failing";
  vi.setSystemTime(Date.now() + 1_500);
  await place.shard.settle([receipt("server_timeout")]);
  await becomes(place, "down");
  expect(codeOf(await place.shard.route(routeAsk("files", "read")))).toBe("server_down");
});

it("goes on using a server that only says it is busy", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  files.mood = "busy";
  vi.setSystemTime(Date.now() + 1_500);
  await place.shard.settle([receipt("server_timeout")]);
  await vi.waitFor(async () => expect((await healthOf(place)).reason).toContain("busy"));
  expect((await healthOf(place)).state).toBe("degraded");
  expect(codeOf(await place.shard.route(routeAsk("files", "read")))).toBe("ok");
});

it("looks once for a whole batch of broken calls, on the connection it has", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  vi.setSystemTime(Date.now() + 1_500);
  await place.shard.settle(Array.from({ length: 4 }, () => receipt("server_unreachable")));
  await becomes(place, "ready");
  expect(files).toMatchObject({ lists: 2, initializes: 1 });
});

it("notices on that look that the session was lost, and makes a new one", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  files.forgetSessions();
  vi.setSystemTime(Date.now() + 1_500);
  await place.shard.settle([receipt("answer_invalid")]);
  await vi.waitFor(() => expect(files.initializes).toBe(2));
  await becomes(place, "ready");
});

it("thinks no worse of a server whose tool failed, or that refused one request", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  await place.shard.settle([receipt("tool_error"), receipt("server_error"), receipt("server_status", { status: 422 })]);
  expect((await healthOf(place)).state).toBe("ready");
});

it("reads the catalog again when a call's stream said that it has changed", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  files.tools = [{ name: "read" }, { name: "write" }];
  await place.shard.settle([receipt("ok", { listChanged: true }), receipt("ok", { listChanged: true })]);
  await vi.waitFor(async () => expect((await healthOf(place)).tools).toBe(2), { timeout: 5_000 });
  expect(files.lists).toBe(2);
});

it("reads the catalog again when its time is over", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  files.tools = [];
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(shardStub(place.number));
    expect((await healthOf(place)).tools).toBe(0);
  });
});
