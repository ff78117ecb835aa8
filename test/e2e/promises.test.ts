/** What is promised of limits, keys and moves, kept by the gateway as its users run it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpAnswer } from "../support/call-http.ts";
import { startFleet, type FleetSimulator } from "../support/fleet-simulator.ts";
import { forgedKey } from "../support/forged-keys.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";
import { inParallel } from "../support/in-parallel.ts";

const simulated = 170;
let fleet: FleetSimulator;
let gateway: TestGateway;

beforeAll(async () => {
  fleet = await startFleet({ servers: simulated, tools: 3 });
  gateway = await startGateway({ shards: 3 });
  const numbers = Array.from({ length: simulated }, (_, n) => n);
  const answers = await inParallel(8, numbers, (n) =>
    gateway.call("/servers?wait=ready", { method: "POST", body: { id: fleet.id(n), url: fleet.url(n) } }),
  );
  expect(answers.map(({ status }) => status)).toEqual(numbers.map(() => 201));
});

afterAll(async () => {
  await gateway.stop();
  await fleet.stop();
  await cleanUp();
});

async function makeKey(more: object): Promise<string> {
  const made = await gateway.call("/keys", { method: "POST", body: { name: "test", scopes: ["tools:call"], ...more } });
  expect(made.status, made.text).toBe(201);
  return (made.body as { key: string }).key;
}

function callWith(key: string, n = 0): Promise<HttpAnswer> {
  const headers = { Authorization: `Bearer ${key}` };
  return gateway.call("/call", { method: "POST", headers, body: { tool: `${fleet.id(n)}__echo`, arguments: {} } });
}

describe("a limit of 100 a minute with a burst of 100", () => {
  it("lets through the burst and what time refilled, never one more, and tells the others when to come back", async () => {
    const key = await makeKey({ limit: { perMinute: 100, burst: 100 } });
    const before = fleet.executions(0);
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => callWith(key)));
    const elapsedMs = performance.now() - startedAt;

    const served = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 429);
    expect(served.length + refused.length).toBe(1_000);
    expect(served.length).toBeGreaterThanOrEqual(100);
    expect(served.length).toBeLessThanOrEqual(100 + Math.floor((elapsedMs * 100) / 60_000));
    expect(fleet.executions(0) - before).toBe(served.length);
    for (const { headers, body } of refused) {
      expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
      expect((body as { code: string }).code).toBe("rate_limited");
    }
    const last = Math.max(...refused.map(({ headers }) => Number(headers["retry-after"])));
    await new Promise((resolve) => setTimeout(resolve, last * 1_000));
    expect((await callWith(key)).status).toBe(200);
  });

  it("holds on one server only, when it was set for that one", async () => {
    const key = await makeKey({ limit: null, serverLimits: { [fleet.id(1)]: { perMinute: 1, burst: 5 } } });
    const limited = await Promise.all(Array.from({ length: 40 }, () => callWith(key, 1)));
    const free = await Promise.all(Array.from({ length: 40 }, () => callWith(key, 2)));
    expect(limited.filter(({ status }) => status === 200).length).toBe(5);
    expect(free.every(({ status }) => status === 200)).toBe(true);
  });

  it("holds for all keys together, when it was set for the server", async () => {
    await gateway.call(`/servers/${fleet.id(3)}`, { method: "PATCH", body: { limit: { perMinute: 1, burst: 7 } } });
    const keys = await Promise.all([makeKey({ limit: null }), makeKey({ limit: null }), makeKey({ limit: null })]);
    const answers = await Promise.all(keys.flatMap((key) => Array.from({ length: 20 }, () => callWith(key, 3))));
    expect(answers.filter(({ status }) => status === 200).length).toBe(7);
  });
});

interface Status {
  readonly shards: readonly { readonly objectCalls: number }[];
}

async function objectCalls(): Promise<number> {
  const { shards } = (await gateway.call("/status")).body as Status;
  return shards.reduce((sum, shard) => sum + shard.objectCalls, 0);
}

describe("forged keys", () => {
  it("are refused, all 100,000 of them, without waking an object", { timeout: 300_000 }, async () => {
    const real = await makeKey({ limit: null });
    expect((await callWith(real)).status).toBe(200);
    // What a look at the counters itself costs; receipts of the call above have gone by then.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const first = await objectCalls();
    const before = await objectCalls();
    const numbers = Array.from({ length: 100_000 }, (_, n) => n);
    const tally = new Map<number, number>();
    await inParallel(32, numbers, async (n) => {
      const { status } = await callWith(forgedKey(real, n));
      tally.set(status, (tally.get(status) ?? 0) + 1);
    });
    expect(Object.fromEntries(tally)).toEqual({ 401: 100_000 });
    // At most: an object that was left alone for so long has gone to sleep, and counts from nothing.
    expect(await objectCalls()).toBeLessThanOrEqual(before + (before - first));
    expect((await callWith(real)).status).toBe(200);
  });
});

describe("changing the number of shards", () => {
  /** Moves that cannot be saved: what the old shards may not keep under the cap of 110 % of the mean. */
  function fewestMoves(from: number, to: number): number {
    const cap = Math.max(Math.ceil(simulated / to), Math.floor((1.1 * simulated) / to));
    return simulated - from * cap;
  }

  it("fails no call, and moves few more servers than it must: 3 to 4 to 8", async () => {
    const key = await makeKey({ limit: null });
    const under = { load: true };
    const failed: string[] = [];
    let calls = 0;
    const callers = Array.from({ length: 6 }, async (_, caller) => {
      for (let n = caller; under.load; n = (n + 7) % simulated) {
        if (n === 3) continue;
        const answer = await callWith(key, n);
        calls += 1;
        if (answer.status !== 200) failed.push(`${fleet.id(n)}: ${answer.text}`);
      }
    });
    for (const [from, to] of [
      [3, 4],
      [4, 8],
    ] as const) {
      const changed = await gateway.call("/shards", { method: "PUT", body: { count: to } });
      expect(changed.status, changed.text).toBe(200);
      expect((changed.body as { moved: number }).moved).toBeLessThanOrEqual(1.2 * fewestMoves(from, to));
      await new Promise((resolve) => setTimeout(resolve, 3_000));
    }
    under.load = false;
    await Promise.all(callers);
    expect(failed).toEqual([]);
    expect(calls).toBeGreaterThan(100);
    const { shards } = (await gateway.call("/servers/count")).body as { shards: Record<string, number> };
    expect(Math.max(...Object.values(shards))).toBeLessThanOrEqual(Math.floor((1.1 * simulated) / 8));
  });
});
