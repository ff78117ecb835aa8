import { reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { connectTo, FakeServer } from "./fake-server.ts";
import { register, shardStub, type Place } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Notes which methods it was asked. */
class Watched extends FakeServer {
  readonly asked: string[] = [];

  override async answer(request: Request): Promise<Response> {
    const { method = "" } = await request
      .clone()
      .json<{ method?: string }>()
      .catch(() => ({ method: "" }));
    this.asked.push(method);
    return super.answer(request);
  }
}

function watched(id: string): Watched {
  return new Watched(`${id}.example`, ["read"]);
}

/** A round is about once a minute: that long passes, and the alarm rings until it has come. */
async function round({ number }: Place): Promise<void> {
  vi.setSystemTime(Date.now() + 61_000);
  await runDurableObjectAlarm(shardStub(number));
  await runDurableObjectAlarm(shardStub(number));
}

async function becomes({ shard, id }: Place, state: string): Promise<string> {
  let reason = "";
  await vi.waitFor(
    async () => {
      const [health] = await shard.health([id]);
      reason = health?.reason ?? "";
      expect(health?.state).toBe(state);
    },
    { timeout: 5_000 },
  );
  return reason;
}

it("asks a quiet server whether it is there, once a round, and writes nothing when it is", async () => {
  const files = watched("files");
  connectTo(files);
  const place = await register(files);
  files.asked.length = 0;
  await round(place);
  await vi.waitFor(() => expect(files.asked).toEqual(["ping"]));
  const before = (await place.shard.status()).rowsWritten;
  await round(place);
  await vi.waitFor(() => expect(files.asked).toEqual(["ping", "ping"]));
  expect(await becomes(place, "ready")).toBe("");
  expect((await place.shard.status()).rowsWritten - before).toBe(0);
});

it("does not ask a server that has answered a call lately", async () => {
  const files = watched("files");
  connectTo(files);
  const place = await register(files);
  files.asked.length = 0;
  const about = { server: "files", replica: "1", tool: "read", latencyMs: 5, bytesIn: 1, bytesOut: 1 };
  await place.shard.settle([{ ...about, result: "ok", at: Date.now() + 61_000 }]);
  await round(place);
  await place.shard.status();
  expect(files.asked).toEqual([]);
});

it("finds out by itself, without any call, that a server has gone", async () => {
  const files = watched("files");
  connectTo(files);
  const place = await register(files);
  files.mood = "refusing";
  await round(place);
  expect(await becomes(place, "down")).toMatch(/connection failed/);
});

it("takes a server that does not answer for degraded until it has been looked at", async () => {
  const files = watched("files");
  connectTo(files);
  const place = await register(files, { timeoutMs: 100 });
  files.mood = "failing";
  const seen: string[] = [];
  const before = await place.shard.health(["files"]);
  await round(place);
  await vi.waitFor(async () => {
    const [health] = await place.shard.health(["files"]);
    seen.push(`${health?.state}: ${health?.reason}`);
    expect(health?.state).not.toBe(before[0]?.state);
  });
  expect(seen.at(-1)).toMatch(/^(degraded: A health check failed with server_status|down: )/);
  files.mood = "well";
});

it("makes a new connection when the check finds the session lost", async () => {
  const files = watched("files");
  connectTo(files);
  const place = await register(files);
  files.forgetSessions();
  await round(place);
  await vi.waitFor(() => expect(files.initializes).toBe(2));
  expect(await becomes(place, "ready")).toBe("");
});

it("asks no more than five at once, however many there are", async () => {
  const servers = Array.from({ length: 30 }, (_, n) => watched(`s${n}`));
  const wire = connectTo(...servers);
  const places = await Promise.all(servers.map((server) => register(server)));
  for (const server of servers) server.asked.length = 0;
  const numbers = new Set(places.map(({ number }) => number));
  const before = wire.dials;
  for (const number of numbers) await round({ ...(places[0] as Place), number });
  await vi.waitFor(() => expect(wire.dials - before).toBeGreaterThanOrEqual(30), { timeout: 5_000 });
  // As many as there are shards dial side by side.
  expect(wire.mostAtOnce).toBeLessThanOrEqual(5 * numbers.size);
  expect(servers.every(({ asked }) => asked.includes("ping"))).toBe(true);
});
