import { evictDurableObject, reset } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { Receipt } from "../../../core/contract/call.ts";
import { connectTo, FakeServer } from "./fake-server.ts";
import {
  actor,
  admitAsk,
  createKey,
  fleet,
  quiet,
  register,
  routeAsk,
  shardAt,
  shardStub,
  valueOf,
} from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
});

function receipt(latencyMs: number, result = "ok"): Receipt {
  const about = { server: "files", replica: "1", tool: "read", at: Date.now() };
  return { ...about, latencyMs, result, bytesIn: 100, bytesOut: 10 };
}

async function onlyShard() {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  valueOf(await fleet().setShards(1, actor));
  await register(files, { limit: { perMinute: 60_000, burst: 60_000 } });
  await createKey("k1", { limit: { perMinute: 60_000, burst: 60_000 } });
  return shardAt(1);
}

it("writes no row to admit, to route or to settle", async () => {
  const shard = await onlyShard();
  valueOf(await shard.admit(admitAsk("k1")));
  valueOf(await shard.route(routeAsk("files", "read")));
  const before = await shard.status();
  for (let call = 0; call < 100; call += 1) {
    valueOf(await shard.admit(admitAsk("k1")));
    valueOf(await shard.route(routeAsk("files", "read")));
    await shard.settle([receipt(5), receipt(7, "tool_error")]);
  }
  const after = await shard.status();
  expect(after.rowsWritten - before.rowsWritten).toBe(0);
  expect(after.objectCalls - before.objectCalls).toBe(301);
  expect(after.traffic.calls).toBe(200);
});

it("writes a few rows for all of them together once things are quiet, and remembers the traffic", async () => {
  const shard = await onlyShard();
  for (let call = 0; call < 20; call += 1) {
    valueOf(await shard.admit(admitAsk("k1")));
    await shard.settle([receipt(5)]);
  }
  const before = await shard.status();
  await quiet(1);
  const after = await shard.status();
  expect(after.rowsWritten - before.rowsWritten).toBeGreaterThan(0);
  expect(after.rowsWritten - before.rowsWritten).toBeLessThan(5);
  await evictDurableObject(shardStub(1));
  expect((await shard.status()).traffic).toEqual(after.traffic);
});

it("counts calls, failures, bytes and how long they took", async () => {
  const shard = await onlyShard();
  const latencies = Array.from({ length: 98 }, (_, n) => receipt(n < 60 ? 10 : 100));
  await shard.settle([...latencies, receipt(5_000, "server_error"), receipt(5_000, "session_lost")]);
  const { traffic, health, faults } = valueOf(await shard.details("files"));
  expect(traffic).toMatchObject({ calls: 100, failures: 2, bytesIn: 10_000, bytesOut: 1_000 });
  expect(traffic.p50Ms).toBeGreaterThanOrEqual(10);
  expect(traffic.p50Ms).toBeLessThanOrEqual(12);
  expect(traffic.p90Ms).toBeGreaterThanOrEqual(100);
  expect(traffic.p90Ms).toBeLessThanOrEqual(120);
  expect(traffic.p99Ms).toBeGreaterThanOrEqual(5_000);
  expect(traffic.p99Ms).toBeLessThanOrEqual(6_000);
  expect(health).toMatchObject({ calls: 100, failures: 2, lastSuccessAt: expect.any(Number) });
  expect(faults).toEqual([]);
  expect((await shard.status()).traffic).toEqual(traffic);
});

it("counts nothing of servers that it does not have", async () => {
  const shard = await onlyShard();
  await shard.settle([{ ...receipt(5), server: "someone-elses" }]);
  expect((await shard.status()).traffic.calls).toBe(0);
});

it("tells what it is and what it holds", async () => {
  const shard = await onlyShard();
  await shard.admit(admitAsk("k1"));
  const { revision } = await fleet().map();
  expect(await shard.status()).toMatchObject({
    shard: 1,
    revision,
    servers: 1,
    states: { ready: 1 },
    tools: 1,
    keys: 1,
    startedAt: expect.any(Number),
  });
});
