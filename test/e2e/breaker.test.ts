/** A server that hangs: its callers are refused without being sent there, one call finds out that it is well again. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { HttpAnswer } from "../support/call-http.ts";
import { startFaultyServer, type FaultyServer } from "../support/faulty-server.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";
import { register } from "../support/register.ts";

let hung: FaultyServer;
let well: FaultyServer;
let gateway: TestGateway;

beforeAll(async () => {
  [hung, well] = [await startFaultyServer(), await startFaultyServer()];
  gateway = await startGateway({ shards: 2 });
  await register(gateway, "hung", hung.url, { timeoutMs: 1_000 });
  await register(gateway, "well", well.url);
});

afterAll(async () => {
  await gateway.stop();
  await hung.stop();
  await well.stop();
  await cleanUp();
});

function call(server: string): Promise<HttpAnswer> {
  return gateway.call("/call", { method: "POST", body: { tool: `${server}__tool-1`, arguments: {} } });
}

function many(server: string, count: number): Promise<HttpAnswer[]> {
  return Promise.all(Array.from({ length: count }, () => call(server)));
}

const codes = (answers: readonly HttpAnswer[]): Set<unknown> =>
  new Set(answers.map(({ status, body }) => (status === 200 ? "ok" : (body as { code: string }).code)));

it("is called no more after five calls have timed out, and its callers are told when to come back", async () => {
  hung.misbehave("hang");
  expect(codes(await many("hung", 5))).toEqual(new Set(["server_timeout"]));
  await vi.waitFor(async () => expect(codes([await call("hung")])).toEqual(new Set(["breaker_open"])), {
    timeout: 10_000,
    interval: 1,
  });
  const sent = hung.count("tools/call");
  const refused = await many("hung", 50);
  expect(codes(refused)).toEqual(new Set(["breaker_open"]));
  for (const { status, headers, body } of refused) {
    expect(status).toBe(503);
    expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect(body).toMatchObject({ server: "hung", execution: "not_executed", retryable: true });
  }
  expect(hung.count("tools/call")).toBe(sent);
});

it("is shown as degraded, with the reason and since when, where operators look", async () => {
  const shown = await gateway.call("/servers/hung");
  expect(shown.body).toMatchObject({ state: "degraded", since: expect.any(String) });
  expect((shown.body as { reason: string }).reason).toMatch(/^Its breaker is open: .*server_timeout/);
  const status = await gateway.call("/status");
  const { servers } = status.body as { servers: { id: string; state: string; reason: string }[] };
  expect(servers.find(({ id }) => id === "hung")).toMatchObject({ state: "degraded" });
  expect(servers.find(({ id }) => id === "well")).toMatchObject({ state: "ready" });
});

it("takes nothing from the callers of other servers", async () => {
  const [others] = await Promise.all([many("well", 100), many("hung", 100)]);
  expect(codes(others)).toEqual(new Set(["ok"]));
});

it("gets one call at a time, not a herd, for as long as it hangs", async () => {
  const before = hung.count("tools/call");
  const asked = await inCrowds(40, 100);
  const probes = hung.count("tools/call") - before;
  expect(asked).toBe(4_000);
  expect(probes).toBeGreaterThanOrEqual(1);
  // A second open, a second hung, two open, a second hung, four open, and so on: a handful in these few seconds.
  expect(probes).toBeLessThanOrEqual(6);
});

it("is well again after one call that is", async () => {
  hung.behave();
  await vi.waitFor(async () => expect(codes(await many("hung", 20)).has("ok")).toBe(true), { timeout: 20_000 });
  await vi.waitFor(async () => expect(codes(await many("hung", 20))).toEqual(new Set(["ok"])), { timeout: 10_000 });
  await vi.waitFor(async () =>
    expect((await gateway.call("/servers/hung")).body).toMatchObject({ state: "ready", reason: "" }),
  );
});

/** So many crowds, one after the other, with a pause of a tenth of a second. */
async function inCrowds(crowds: number, each: number): Promise<number> {
  let asked = 0;
  for (let n = 0; n < crowds; n += 1) {
    asked += (await many("hung", each)).length;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return asked;
}
