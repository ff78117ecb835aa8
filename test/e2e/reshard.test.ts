/** The number of shards changes while every tool is in use. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startFleet, type FleetSimulator } from "../support/fleet-simulator.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";
import { inParallel } from "../support/in-parallel.ts";

const servers = 170;
const lanes = 16;
const numbers = Array.from({ length: servers }, (_, n) => n);

let fleet: FleetSimulator;
let gateway: TestGateway;

beforeAll(async () => {
  fleet = await startFleet({ servers, tools: 3, eras: (n) => (n % 2 === 0 ? "legacy" : "modern") });
  gateway = await startGateway({ shards: 3 });
  await inParallel(8, numbers, (n) =>
    gateway.call("/servers?wait=ready", { method: "POST", body: { id: fleet.id(n), url: fleet.url(n) } }),
  );
});

afterAll(async () => {
  await gateway.stop();
  await fleet.stop();
  await cleanUp();
});

interface Load {
  /** Ends the load; answers what went wrong. */
  end(): Promise<{ readonly calls: number; readonly failed: readonly string[] }>;
}

/** Calls every server's tools in turn, until told to end. */
function keepCalling(): Load {
  const ending = new AbortController();
  let calls = 0;
  const failed: string[] = [];
  async function lane(first: number): Promise<void> {
    for (let n = first; !ending.signal.aborted; n = (n + lanes) % servers) {
      const body = { tool: `${fleet.id(n)}__tool-1`, arguments: { text: `${n}` } };
      const answer = await gateway.call("/call", { method: "POST", body });
      calls += 1;
      if (answer.status !== 200 || !answer.text.includes(`sim ${n}\\"`))
        failed.push(`${n}: ${answer.status} ${answer.text}`);
    }
  }
  const running = Promise.all(Array.from({ length: lanes }, (_, first) => lane(first)));
  return {
    async end() {
      ending.abort();
      await running;
      return { calls, failed };
    },
  };
}

/** From `before` to `after` shards, each new shard needs its share of the servers: nothing less is even. */
function leastMoves(before: number, after: number): number {
  return (servers * (after - before)) / after;
}

it.each([
  [3, 4],
  [4, 8],
])("from %i to %i shards fails no call and moves hardly more servers than it must", async (before, after) => {
  const executed = numbers.map((n) => fleet.executions(n)).reduce((sum, count) => sum + count, 0);
  const load = keepCalling();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const set = await gateway.call("/shards", { method: "PUT", body: { count: after } });
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const { calls, failed } = await load.end();

  expect(set.status, set.text).toBe(200);
  expect(failed.length, failed.slice(0, 5).join("\n")).toBe(0);
  expect(calls, "there was load").toBeGreaterThan(100);
  const executedNow = numbers.map((n) => fleet.executions(n)).reduce((sum, count) => sum + count, 0);
  expect(executedNow - executed, "each call ran once").toBe(calls);

  const { moved } = set.body as { moved: number };
  expect(moved).toBeLessThanOrEqual(1.2 * leastMoves(before, after));
  const counted = (await gateway.call("/servers/count")).body as { total: number; shards: Record<string, number> };
  expect(Object.keys(counted.shards)).toHaveLength(after);
  expect(counted.total).toBe(servers);
  expect(Math.max(...Object.values(counted.shards))).toBeLessThanOrEqual(
    Math.max(Math.ceil(servers / after), (1.1 * servers) / after),
  );
});
