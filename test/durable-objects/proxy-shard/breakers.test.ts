import { evictDurableObject, reset } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { Receipt } from "../../../core/contract/call.ts";
import type { Failure } from "../../../core/contract/failure.ts";
import { asking, parkAsk } from "./asking.ts";
import { text } from "./asking-server.ts";
import { connectTo, FakeServer } from "./fake-server.ts";
import { codeOf, register, routeAsk, shardStub, valueOf, type Place } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

let now = Date.now();

function passTime(ms: number): void {
  now += ms;
  vi.setSystemTime(now);
}

async function place(): Promise<Place> {
  now = Date.now();
  passTime(0);
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  return register(files, { timeoutMs: 5_000 });
}

function receipts(count: number, result: string, more: Partial<Receipt> = {}): Receipt[] {
  const about = { server: "files", replica: "1", tool: "read", latencyMs: 5_000, bytesIn: 100, bytesOut: 0 };
  return Array.from({ length: count }, () => ({ ...about, at: now, result, ...more }));
}

async function refusalOf({ shard }: Place): Promise<Partial<Extract<Failure, { code: "breaker_open" }>>> {
  const routed = await shard.route(routeAsk("files", "read"));
  if (routed.ok || routed.failure.code !== "breaker_open") throw new Error(JSON.stringify(routed));
  return routed.failure;
}

async function stateOf({ shard }: Place) {
  const [health] = await shard.health(["files"]);
  return { state: health?.state, reason: health?.reason ?? "", since: health?.since };
}

/** Opened, and its time over: the next to ask gets the probe. */
async function due(): Promise<Place> {
  const there = await place();
  await there.shard.settle(receipts(5, "server_timeout"));
  passTime(1_500);
  return there;
}

it("refuses calls once five in a row have timed out, and says since when, why and for how long", async () => {
  const there = await place();
  await there.shard.settle(receipts(4, "server_timeout"));
  expect(codeOf(await there.shard.route(routeAsk("files", "read")))).toBe("ok");
  const told = await there.shard.settle(receipts(1, "server_timeout"));
  const refusal = await refusalOf(there);
  expect(told).toEqual([refusal]);
  expect(refusal).toMatchObject({ server: "files", execution: "not_executed", since: now });
  expect(refusal.evidence).toContain("server_timeout");
  expect(refusal.retryAfterMs).toBeGreaterThanOrEqual(1_000);
  expect(refusal.retryAfterMs).toBeLessThanOrEqual(1_200);
});

it("shows a server as degraded while its breaker is open, writes that once, and takes it back", async () => {
  const there = await place();
  await there.shard.settle(receipts(5, "server_timeout"));
  await vi.waitFor(async () => expect((await stateOf(there)).reason).toMatch(/^Its breaker is open: .*server_timeout/));
  const { since } = await stateOf(there);
  const written = (await there.shard.status()).rowsWritten;
  for (let round = 0; round < 5; round += 1) {
    passTime(20_000);
    expect(valueOf(await there.shard.route(routeAsk("files", "read"))).probe).toBe(true);
    await there.shard.settle(receipts(1, "server_unreachable", { probe: true, saysNothing: true }));
  }
  expect(await stateOf(there)).toMatchObject({ state: "degraded", since });
  expect((await there.shard.status()).rowsWritten - written).toBeLessThanOrEqual(3);
  passTime(20_000);
  valueOf(await there.shard.route(routeAsk("files", "read")));
  await there.shard.settle(receipts(1, "ok", { probe: true }));
  expect(await stateOf(there)).toMatchObject({ state: "ready", reason: "" });
});

it("gives one probe to a hundred who ask, and closes when that one went well", async () => {
  const there = await due();
  const asked = await Promise.all(Array.from({ length: 100 }, () => there.shard.route(routeAsk("files", "read"))));
  const leases = asked.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  expect(leases).toHaveLength(1);
  expect(leases[0]).toMatchObject({ probe: true });
  expect(asked.filter((outcome) => codeOf(outcome) === "breaker_open")).toHaveLength(99);
  await there.shard.settle(receipts(1, "ok", { probe: true }));
  const after = valueOf(await there.shard.route(routeAsk("files", "read")));
  expect(after.probe).toBeUndefined();
});

it("opens for longer when the probe failed, and passes over calls from before", async () => {
  const there = await due();
  valueOf(await there.shard.route(routeAsk("files", "read")));
  await there.shard.settle(receipts(20, "ok"));
  expect(codeOf(await there.shard.route(routeAsk("files", "read")))).toBe("breaker_open");
  await there.shard.settle(receipts(1, "server_timeout", { probe: true }));
  expect((await refusalOf(there)).retryAfterMs).toBeGreaterThanOrEqual(2_000);
});

it("gives no probe to a renewal ahead of need, and none to who only listens", async () => {
  const there = await due();
  expect(codeOf(await there.shard.route(routeAsk("files", "read", { ahead: true })))).toBe("breaker_open");
  expect(valueOf(await there.shard.route(routeAsk("files", "read", { isNoCall: true }))).probe).toBeUndefined();
  expect(valueOf(await there.shard.route(routeAsk("files", "read"))).probe).toBe(true);
});

it("gives another probe when the first has said nothing for ten seconds", async () => {
  const there = await due();
  valueOf(await there.shard.route(routeAsk("files", "read")));
  passTime(9_000);
  expect(codeOf(await there.shard.route(routeAsk("files", "read")))).toBe("breaker_open");
  passTime(1_500);
  expect(valueOf(await there.shard.route(routeAsk("files", "read"))).probe).toBe(true);
});

it.each([
  ["tools that fail", "tool_error", {}],
  ["errors of the server's own", "server_error", {}],
  ["statuses below 500", "server_status", { status: 404 }],
  ["callers that left or would not wait", "server_timeout", { saysNothing: true as const }],
])("stays closed for %s", async (_what, result, more) => {
  const there = await place();
  expect(await there.shard.settle(receipts(200, result, more))).toEqual([]);
  expect(codeOf(await there.shard.route(routeAsk("files", "read")))).toBe("ok");
});

it("begins anew after a restart", async () => {
  const there = await place();
  await there.shard.settle(receipts(5, "server_timeout"));
  await evictDurableObject(shardStub(there.number));
  expect(codeOf(await there.shard.route(routeAsk("files", "read")))).toBe("ok");
});

it("shares a server's places among the isolates that ask", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await register(files, { maxInFlight: 10 });
  const share = async (lease: string): Promise<number> =>
    valueOf(await shard.route(routeAsk("files", "read", { lease }))).inFlight;
  expect(await share("one.1")).toBe(10);
  expect(await share("two.1")).toBe(5);
  expect(await share("one.2")).toBe(5);
  expect(await share("three.1")).toBe(3);
  vi.setSystemTime(Date.now() + 4_500);
  expect(await share("one.3")).toBe(10);
});

it("counts the calls that the shard dials itself, and refuses them, too", async () => {
  const { server, shard } = await asking({
    async sleeps() {
      await scheduler.wait(200);
      return text("too late");
    },
    async wakes() {
      return text("well");
    },
  });
  const park = (name: string) => shard.park(parkAsk(name, { timeoutMs: 20 }));
  for (let n = 0; n < 5; n += 1) expect(codeOf(await park("sleeps"))).toBe("server_timeout");
  const ran = server.runs.length;
  expect(codeOf(await park("wakes"))).toBe("breaker_open");
  expect(server.runs).toHaveLength(ran);
  vi.setSystemTime(Date.now() + 1_500);
  const [probe, other] = await Promise.all([shard.park(parkAsk("wakes")), shard.park(parkAsk("wakes"))]);
  expect([codeOf(probe), codeOf(other)]).toEqual(["ok", "breaker_open"]);
  expect(codeOf(await shard.park(parkAsk("wakes")))).toBe("ok");
});
