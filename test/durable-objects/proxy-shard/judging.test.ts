import { reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { Fleet } from "../../../durable-objects/fleet/fleet.ts";
import { connectTo, FakeServer } from "./fake-server.ts";
import { actor, admitAsk, createKey, register, shardStub, valueOf } from "./fleet-of.ts";
import { alerting, alerts, receipts, tell } from "./signal-kit.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await reset();
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

it("tells when it is asked too much itself, by the threshold that Fleet has by then", async () => {
  const change = { threshold: 10, afterMs: 0 };
  valueOf(await alerting().changeAlertRule("shard_overloaded", change, actor));
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const place = await register(files);
  await tell(place);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 });
  for (let i = 0; i < 5; i += 1) await place.shard.settle([]);
  await runDurableObjectAlarm(shardStub(place.number));
  vi.setSystemTime(Date.now() + 3_000);
  for (let i = 0; i < 99; i += 1) await place.shard.settle([]);
  await runDurableObjectAlarm(shardStub(place.number));
  vi.useRealTimers();
  await tell(place);
  expect(await alerts(1)).toEqual([`shard_overloaded shard:${place.number}`]);
  expect((await alerting().alerts("open", 0, 1))[0]?.reason).toBe("It is asked 33 times a second.");
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
