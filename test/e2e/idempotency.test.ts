/** One execution for one `Idempotency-Key`, counted at the server, whatever becomes of the gateway meanwhile. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startFaultyServer, type FaultyServer } from "../support/faulty-server.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";
import { register } from "../support/register.ts";

let server: FaultyServer;
let gateway: TestGateway;
/** Of the first start: a later one shows another key. */
let key: string;

beforeAll(async () => {
  server = await startFaultyServer();
  gateway = await startGateway({ shards: 2 });
  ({ key } = gateway);
  await register(gateway, "faulty", server.url);
});

afterAll(async () => {
  await gateway.stop();
  await server.stop();
  await cleanUp();
});

function call(once: string, waitMs = 60_000) {
  return gateway.call("/call", {
    method: "POST",
    body: { tool: "faulty__tool-1", arguments: {} },
    headers: { Authorization: `Bearer ${key}`, "Idempotency-Key": once, "X-Timeout-Ms": String(waitMs) },
  });
}

it("answers the same after the gateway was killed and started again", async () => {
  const first = await call("order-1");
  expect(first.status, first.text).toBe(200);
  const { data } = gateway;
  await gateway.kill9();
  gateway = await startGateway({ data, shards: 2 });
  const second = await call("order-1");
  expect([second.status, second.text]).toEqual([200, first.text]);
  expect(second.headers["idempotent-replayed"]).toBe("true");
  expect(server.toy.executed).toBe(1);
});

it("says that nobody knows, and does not run it again, when it was killed in the middle of the call", async () => {
  const before = server.count("tools/call");
  server.misbehave("hang");
  const cut = call("order-2", 3_000).catch(() => "cut off");
  await vi.waitFor(() => expect(server.count("tools/call")).toBe(before + 1), { timeout: 10_000 });
  const { data } = gateway;
  await gateway.kill9();
  expect(await cut).toBe("cut off");
  server.behave();
  gateway = await startGateway({ data, shards: 2 });
  await vi.waitFor(
    async () => {
      const again = await call("order-2", 3_000);
      expect(again.body).toMatchObject({ code: "outcome_unknown", execution: "unknown", server: "faulty" });
    },
    { timeout: 30_000, interval: 500 },
  );
  expect(server.count("tools/call")).toBe(before + 1);
});

it("runs once for fifty who ask at the same time, and keeps the answer from none of them", async () => {
  const before = server.toy.executed;
  const answers = await Promise.all(Array.from({ length: 50 }, () => call("order-3")));
  expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
  const texts = new Set<string>();
  for (let n = 0; n < 50; n += 1) texts.add((await call("order-3")).text);
  expect(texts.size).toBe(1);
  expect(server.toy.executed - before).toBe(1);
});
