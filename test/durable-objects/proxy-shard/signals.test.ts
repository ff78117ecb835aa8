import { evictDurableObject, reset } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { Fleet } from "../../../durable-objects/fleet/fleet.ts";
import { connectTo, FakeServer } from "./fake-server.ts";
import { actor, fleet, recordOf, register, routeAsk, shardStub, valueOf } from "./fleet-of.ts";
import { alerting, alerts, atOnce, down, receipts, tell, well } from "./signal-kit.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await reset();
});

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
  // Down for another reason is still down.
  files.mood = "failing";
  await place.shard.check(place.id);
  await tell(place);
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

it("tells again of a server that an operator has switched off and on", async () => {
  await atOnce();
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  await down(place, files);
  expect(await alerts(1)).toEqual(["server_down files"]);
  const record = recordOf(files);
  await fleet().replaceServer({ ...record, disabled: true, updatedAt: 2 }, actor);
  await vi.waitFor(async () => expect(await alerts(1)).toEqual(["server_down files over"]));
  await fleet().replaceServer({ ...record, updatedAt: 3 }, actor);
  await place.shard.check("files");
  await tell(place);
  expect(await alerts(2)).toEqual(["server_down files over", "server_down files"]);
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
