import { evictDurableObject, reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { env } from "cloudflare:workers";
import type { Receipt } from "../../../core/contract/call.ts";
import type { AlertRpc } from "../../../core/contract/alert-rpc.ts";
import { Fleet } from "../../../durable-objects/fleet/fleet.ts";
import { connectTo, FakeServer } from "./fake-server.ts";
import { actor, admitAsk, createKey, register, routeAsk, shardStub, valueOf, type Place } from "./fleet-of.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await reset();
});

function alerting(): AlertRpc {
  return env.FLEET.get(env.FLEET.idFromName("fleet"));
}

/** Nobody waits for a hold. */
async function atOnce(): Promise<void> {
  for (const rule of ["server_down", "certificate"] as const) {
    valueOf(await alerting().changeAlertRule(rule, { afterMs: 0, clearMs: 0 }, actor));
  }
}

/** Alerts, the latest last, once there are so many. */
async function alerts(count: number): Promise<string[]> {
  const seen = async (): Promise<string[]> =>
    (await alerting().alerts(undefined, 0, 100))
      .map(({ rule, subject, recoveredAt }) => `${rule} ${subject}${recoveredAt === undefined ? "" : " over"}`)
      .toReversed();
  await vi.waitFor(async () => expect((await seen()).length).toBe(count), { timeout: 5_000 });
  return seen();
}

/** The alarm rings, and what it sends arrives. */
async function tell({ number }: Pick<Place, "number">): Promise<void> {
  await scheduler.wait(300);
  await runDurableObjectAlarm(shardStub(number));
  await scheduler.wait(20);
}

async function down(place: Place, server: FakeServer): Promise<void> {
  server.mood = "refusing";
  await place.shard.check(place.id);
  await tell(place);
}

async function well(place: Place, server: FakeServer): Promise<void> {
  server.mood = "well";
  await place.shard.check(place.id);
  await tell(place);
}

function receipts(server: string, results: readonly string[]): Receipt[] {
  const about = { server, replica: "1", tool: "read", at: Date.now(), latencyMs: 1, bytesIn: 1, bytesOut: 1 };
  return results.map((result) => ({ ...about, result }));
}

it("tells when a server goes down and when it is back, and why", async () => {
  await atOnce();
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  await down(place, files);
  expect(await alerts(1)).toEqual(["server_down files"]);
  expect((await alerting().alerts("open", 0, 1))[0]?.reason).toContain("Network connection lost");
  await well(place, files);
  await vi.waitFor(async () => expect(await alerts(1)).toEqual(["server_down files over"]));
});

it("tells each change once, and nothing of what stays as it is", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  await tell(place);
  const signal = vi.spyOn(Fleet.prototype, "signal");
  await down(place, files);
  for (let i = 0; i < 3; i += 1) await down(place, files);
  await well(place, files);
  for (let i = 0; i < 3; i += 1) await well(place, files);
  const told = signal.mock.calls.flatMap(([signals]) => signals.map(({ rule, is }) => `${rule} ${is}`));
  expect(told).toEqual(["server_down wrong", "server_down right"]);
});

it("keeps what Fleet could not hear, a restart in between or not", async () => {
  await atOnce();
  vi.spyOn(console, "warn").mockReturnValue();
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  await tell(place);
  const signal = vi.spyOn(Fleet.prototype, "signal").mockRejectedValue(new Error("out of order"));
  await down(place, files);
  expect(signal).toHaveBeenCalled();
  expect(await alerts(0)).toEqual([]);
  await evictDurableObject(shardStub(place.number));
  signal.mockRestore();
  await place.shard.health();
  await tell(place);
  expect(await alerts(1)).toEqual(["server_down files"]);
});

it("calls trouble with a certificate by its name", async () => {
  await atOnce();
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("", { status: 526 }));
  await place.shard.check("files");
  await tell(place);
  expect(await alerts(1)).toEqual(["certificate files"]);
  connectTo(files);
  await well(place, files);
  await vi.waitFor(async () => expect(await alerts(1)).toEqual(["certificate files over"]));
});

it("tells of tools that read otherwise or are gone, and not of new ones", async () => {
  const files = new FakeServer("files.example", ["read", "write", "list"]);
  connectTo(files);
  const place = await register(files);
  files.tools = [...files.tools, { name: "new" }];
  await place.shard.check("files");
  await tell(place);
  expect(await alerts(0)).toEqual([]);
  files.tools = [{ name: "read", description: "Sends your mail to somebody." }, { name: "list" }, { name: "new" }];
  await place.shard.check("files");
  await tell(place);
  expect(await alerts(1)).toEqual(["tool_changed files over"]);
  expect((await alerting().alerts(undefined, 0, 1))[0]?.reason).toBe("Changed: read. Gone: write.");
  await place.shard.check("files");
  await tell(place);
  expect(await alerts(1)).toEqual(["tool_changed files over"]);
});

it("tells when many calls fail, and when they no longer do", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  await place.shard.settle(receipts("files", [...Array(30).fill("ok"), ...Array(9).fill("server_error")]));
  await tell(place);
  expect(await alerts(0)).toEqual([]);
  await place.shard.settle(receipts("files", Array(20).fill("server_error")));
  await tell(place);
  expect(await alerts(1)).toEqual(["error_rate files"]);
  expect((await alerting().alerts("open", 0, 1))[0]?.reason).toBe("29 of 59 calls failed within 5 minutes.");
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 400_000 });
  const signal = vi.spyOn(Fleet.prototype, "signal");
  await runDurableObjectAlarm(shardStub(place.number));
  await runDurableObjectAlarm(shardStub(place.number));
  await vi.waitFor(() =>
    expect(signal.mock.calls.flatMap(([signals]) => signals.map(({ is }) => is))).toContain("right"),
  );
});

it("tells of a key that has used up most of its limit, or all of it", async () => {
  const { shard, number } = await createKey("k1", { limit: { perMinute: 60, burst: 10 }, name: "ci" });
  for (let i = 0; i < 9; i += 1) await shard.admit(admitAsk("k1"));
  await tell({ number });
  expect(await alerts(1)).toEqual(["quota_near k1"]);
  for (let i = 0; i < 3; i += 1) await shard.admit(admitAsk("k1"));
  await tell({ number });
  expect(await alerts(2)).toEqual(["quota_near k1", "quota_reached k1"]);
  expect((await alerting().alerts("open", 0, 1))[0]?.reason).toBe(`The key "ci" has used 100 % of its limit.`);
});

it("tells of a breaker that opens, and closes again", async () => {
  valueOf(await alerting().changeAlertRule("breaker_open", { afterMs: 0, clearMs: 0 }, actor));
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  await place.shard.settle(receipts("files", Array(5).fill("server_timeout")));
  await tell(place);
  expect(await alerts(1)).toEqual(["breaker_open files/1"]);
  expect((await alerting().alerts("open", 0, 1))[0]?.reason).toContain("server_timeout");
  // Its time is over: the next to ask gets the probe, and the probe is well.
  await vi.waitFor(async () => valueOf(await place.shard.route(routeAsk("files", "read"))), { timeout: 5_000 });
  await place.shard.settle(receipts("files", ["ok"]).map((one) => ({ ...one, probe: true })));
  await tell(place);
  await vi.waitFor(async () => expect(await alerts(1)).toEqual(["breaker_open files/1 over"]));
});

it("takes back what it told of a breaker when a restart has closed it", async () => {
  valueOf(await alerting().changeAlertRule("breaker_open", { afterMs: 0, clearMs: 0 }, actor));
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  await place.shard.settle(receipts("files", Array(5).fill("server_timeout")));
  await tell(place);
  expect(await alerts(1)).toEqual(["breaker_open files/1"]);
  await evictDurableObject(shardStub(place.number));
  await place.shard.health();
  await tell(place);
  await vi.waitFor(async () => expect(await alerts(1)).toEqual(["breaker_open files/1 over"]));
});

it("says nothing to Fleet of calls and keys that are well", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  await tell(place);
  const { shard, number } = await createKey("k1", { limit: { perMinute: 6_000, burst: 1_000 } });
  const signal = vi.spyOn(Fleet.prototype, "signal");
  for (let i = 0; i < 20; i += 1) await shard.admit(admitAsk("k1"));
  await place.shard.settle(receipts("files", Array(50).fill("ok")));
  await tell(place);
  await tell({ number });
  expect(signal.mock.calls.flatMap(([signals]) => signals)).toEqual([]);
});
