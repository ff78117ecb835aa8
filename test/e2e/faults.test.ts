/** What a REST caller is told when its server misbehaves: which fault, whether the tool may have run, and never a success. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { HttpAnswer } from "../support/call-http.ts";
import { startFaultyServer, type Fault, type FaultyServer } from "../support/faulty-server.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";

let server: FaultyServer;
let gateway: TestGateway;

beforeAll(async () => {
  server = await startFaultyServer();
  gateway = await startGateway({ shards: 1 });
  const body = { id: "faulty", url: server.url, timeoutMs: 1_500 };
  const { status, text } = await gateway.call("/servers?wait=ready", { method: "POST", body });
  if (status !== 201 || !text.includes('"ready"')) throw new Error(text);
});

afterAll(async () => {
  await gateway.stop();
  await server.stop();
  await cleanUp();
});

/** `tool-1` is a write: its server claims nothing about it. */
function call(): Promise<HttpAnswer> {
  return gateway.call("/call", { method: "POST", body: { tool: "faulty__tool-1", arguments: {} } });
}

const told: readonly (readonly [Fault, number, string, "unknown" | "not_executed"])[] = [
  ["hang", 504, "server_timeout", "unknown"],
  ["drip", 504, "server_timeout", "unknown"],
  ["reset", 502, "outcome_unknown", "unknown"],
  ["garbage", 502, "answer_not_json", "unknown"],
  ["html200", 502, "answer_html", "unknown"],
  ["html502", 502, "server_status", "unknown"],
  ["empty200", 502, "answer_empty", "unknown"],
  ["truncatedJson", 502, "answer_truncated", "unknown"],
  ["halfJson", 502, "answer_truncated", "unknown"],
  ["truncatedSse", 502, "answer_truncated", "unknown"],
  ["emptySse", 502, "answer_truncated", "unknown"],
  ["wrongId", 502, "answer_wrong_id", "unknown"],
  ["oversized", 502, "answer_too_large", "unknown"],
  ["huge", 502, "answer_too_large", "unknown"],
  ["status401", 502, "server_refused_credential", "not_executed"],
  ["status429", 503, "server_busy", "not_executed"],
  ["status503", 502, "server_status", "unknown"],
  ["redirect", 502, "server_redirects", "unknown"],
];

describe("a caller whose server", () => {
  it.each(told)(
    "does this: %s, is told %i %s, and that the tool's run is %s",
    async (fault, status, code, execution) => {
      const before = server.count("tools/call");
      server.misbehave(fault);
      const answer = await call();
      server.behave();
      expect([answer.status, answer.body]).toMatchObject([status, { code, execution, server: "faulty" }]);
      expect(server.count("tools/call") - before, "a write is sent once").toBe(1);
      expect(answer.text).not.toContain("not so fast");
      await untilCallable();
    },
  );

  it("hangs is told in time, and the server sees that nobody waits any more", async () => {
    server.misbehave("hang");
    expect((await call()).status).toBe(504);
    server.behave();
    await vi.waitFor(() => expect(server.waiting()).toBe(0), { timeout: 5_000 });
  });

  it("has forgotten the session gets its answer all the same, from one execution", async () => {
    const before = server.toy.executed;
    server.misbehave("session404", ["tools/call"], 1);
    const answer = await call();
    server.behave();
    expect(answer.status, answer.text).toBe(200);
    expect(server.toy.executed - before).toBe(1);
  });

  it("is gone is told that it is down, without a try", async () => {
    const gone = await startFaultyServer();
    await gone.stop();
    const made = await gateway.call("/servers", { method: "POST", body: { id: "gone", url: gone.url } });
    expect(made.status, made.text).toBe(201);
    const answers = [];
    for (let n = 0; n < 3; n += 1) {
      answers.push(await gateway.call("/call", { method: "POST", body: { tool: "gone__x" } }));
    }
    for (const { status, body, text } of answers) {
      expect(status, text).toBe(502);
      expect(body).toMatchObject({ code: "server_down", execution: "not_executed", retryable: true });
    }
  });
});

/**
 * After a fault the shard looks at the server; what it finds is that it is well. Most of its calls must go well, or its
 * breaker opens.
 */
async function untilCallable(): Promise<void> {
  let well = 0;
  for (let n = 0; n < 100; n += 1) {
    well = (await call()).status === 200 ? well + 1 : 0;
    if (well === 3) return;
    if (well > 0) continue;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the server did not come back");
}
