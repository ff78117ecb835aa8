/** Exact limits and forged keys, with real traffic. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaseLifeMs } from "../../core/contract/leases.ts";
import { mintKey } from "../../core/secrets/api-key.ts";
import { openKeyring } from "../../core/secrets/keyring.ts";
import { callHttp, type HttpAnswer } from "../support/call-http.ts";
import { startFleet, type FleetSimulator } from "../support/fleet-simulator.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";
import { pipeline } from "../support/pipeline.ts";

let fleet: FleetSimulator;
let gateway: TestGateway;

beforeAll(async () => {
  fleet = await startFleet({ servers: 1, tools: 2 });
  gateway = await startGateway();
  await gateway.call("/servers?wait=ready", { method: "POST", body: { id: "sim", url: fleet.url(0) } });
});

afterAll(async () => {
  await gateway.stop();
  await fleet.stop();
  await cleanUp();
});

async function keyWithLimit(perMinute: number, burst: number): Promise<string> {
  const body = { name: "limited", scopes: ["tools:call"], limit: { perMinute, burst } };
  const answer = await gateway.call("/keys", { method: "POST", body });
  expect(answer.status, answer.text).toBe(201);
  return (answer.body as { key: string }).key;
}

function callWith(key: string): Promise<HttpAnswer> {
  return callHttp(`${gateway.url}/call`, {
    method: "POST",
    headers: { "X-Api-Key": key },
    body: { tool: "sim__echo", arguments: {} },
  });
}

describe("a limit of 100 per minute with a burst of 100", () => {
  it("lets as many of 1,000 parallel calls through as it holds, and not one more", async () => {
    const key = await keyWithLimit(100, 100);
    const before = fleet.executions(0);
    const from = performance.now();
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => callWith(key)));
    const elapsedMs = performance.now() - from;

    const passed = answers.filter(({ status }) => status === 200).length;
    const refused = answers.filter(({ status }) => status === 429);
    expect(passed + refused.length).toBe(1_000);
    expect(passed).toBeGreaterThanOrEqual(100);
    expect(passed).toBeLessThanOrEqual(100 + Math.floor((elapsedMs / 60_000) * 100));
    expect(fleet.executions(0) - before, "what was refused did not run").toBe(passed);
    for (const { headers, body } of refused) {
      expect(Number(headers["retry-after"])).toBeGreaterThan(0);
      expect(headers["ratelimit-policy"]).toContain("q=100");
      expect(body).toMatchObject({ code: "rate_limited", retryable: true });
    }

    const waitMs = Math.max(...refused.map(({ headers }) => Number(headers["retry-after"]))) * 1_000;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    expect((await callWith(key)).status, "retrying when told to").toBe(200);
  });
});

describe("a limit on a server", () => {
  it("counts one key's calls on that server, and leaves its other calls alone", async () => {
    const made = await gateway.call("/keys", {
      method: "POST",
      body: { name: "narrow", scopes: ["tools:call"], limit: null, serverLimits: { sim: { perMinute: 1, burst: 5 } } },
    });
    const { key } = made.body as { key: string };
    const answers = await Promise.all(Array.from({ length: 40 }, () => callWith(key)));
    expect(answers.filter(({ status }) => status === 200).length).toBe(5);
    expect((await callWith(await keyWithLimit(100, 100))).status, "another key").toBe(200);
  });

  it("counts the calls of all keys together, when it is the server's own", async () => {
    await gateway.call("/servers/sim", { method: "PATCH", body: { limit: { perMinute: 1, burst: 7 } } });
    // A change takes effect within a lease's life.
    await new Promise((resolve) => setTimeout(resolve, leaseLifeMs));
    const keys = await Promise.all([1, 2, 3].map(() => keyWithLimit(1_000, 1_000)));
    const answers = await Promise.all(keys.flatMap((key) => Array.from({ length: 20 }, () => callWith(key))));
    await gateway.call("/servers/sim", { method: "PATCH", body: { limit: null } });
    expect(answers.filter(({ status }) => status === 200).length).toBe(7);
  });
});

describe("100,000 forged keys", () => {
  it("are all refused, and wake no object", async () => {
    await gateway.call("/call", { method: "POST", body: { tool: "sim__echo", arguments: {} } });
    const callsBefore = await objectCalls();
    // Right in shape and checksum, made by another gateway; the others are right in shape alone.
    const elsewhere = await openKeyring(`k1:${randomBytes(32).toString("base64")}`);
    const forged = await Promise.all(Array.from({ length: 1_000 }, async () => (await mintKey(elsewhere)).key));
    const keys = Array.from({ length: 100_000 }, (_, n) => {
      const key = forged[n % forged.length] ?? "";
      return n < forged.length * 10 ? key : `${key.slice(0, 20)}${n.toString(36).padStart(8, "0")}${key.slice(28)}`;
    });
    const { port } = new URL(gateway.url);
    const heads = keys.map((key) => `GET /tools HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\n\r\n`);
    const statuses = await pipeline(Number(port), heads, 8);
    expect(statuses).toEqual(new Map([["401", 100_000]]));
    expect(await objectCalls(), "each look at the count is a call of its own").toBeLessThanOrEqual(callsBefore + 10);
  });
});

async function objectCalls(): Promise<number> {
  const { shards } = (await gateway.call("/shards")).body as { shards: readonly { objectCalls?: number }[] };
  return shards.reduce((sum, { objectCalls: calls = 0 }) => sum + calls, 0);
}
