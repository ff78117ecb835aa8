/** Calls to servers behind a connector: what reaches them, what comes back, and what is told when it breaks. */
import { afterEach, describe, expect, it } from "vitest";
import { ask, type Answer } from "../door.ts";
import {
  connect,
  echo,
  mcp,
  openAndGreet,
  until,
  untilState,
  type Carried,
  type Connected,
  type Serve,
} from "./fake-connector.ts";

let connected: Connected | undefined;

afterEach(async () => {
  connected?.close();
  for (const id of ["memory"]) await ask(`/servers/${id}`, { method: "DELETE" });
});

/** Its one server, ready; the calls that wait to be answered, in order. */
async function serving(serve?: Serve): Promise<Carried[]> {
  const calls: Carried[] = [];
  connected = await connect({ servers: { memory: mcp(["store"], serve ?? ((carried) => void calls.push(carried))) } });
  await untilState("memory", "ready");
  return calls;
}

function call(args: object = {}): Promise<Answer> {
  return ask("/call", { json: { tool: "memory__store", arguments: args } });
}

async function first(calls: readonly Carried[]): Promise<Carried> {
  await until(() => calls.some(({ method, body }) => method === "POST" && body.includes("tools/call")));
  const found = calls.find(({ body }) => body.includes("tools/call"));
  if (found === undefined) throw new Error("no call came");
  return found;
}

describe("a call to a server behind a connector", () => {
  it("reaches the server and brings its answer back", async () => {
    await serving(echo);
    const view = await untilState("memory", "ready");
    expect(view).toMatchObject({ kind: "connector", url: "connector://memory", era: "legacy", tools: 1 });
    const called = await ask("/call", { text: `{"tool":"memory__store","arguments":{"n":12345678901234567890}}` });
    expect(called.status, called.text).toBe(200);
    expect(called.text).toContain("12345678901234567890");
  });

  it("hears an answer that streams, with what the server says before it", async () => {
    const calls = await serving();
    const answered = call();
    const carried = await first(calls);
    const { id } = carried.message;
    const told = { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: "soon" } };
    carried.head(200, { "content-type": "text/event-stream" }, `data: ${JSON.stringify(told)}\n\n`, false);
    await scheduler.wait(20);
    const result = { content: [{ type: "text", text: "streamed ✓" }] };
    carried.part(`data: ${JSON.stringify({ jsonrpc: "2.0", id, result })}\n\n`, true);
    expect((await answered).text).toContain("streamed ✓");
  });

  it("is answered no when it asks a client that has no stream", async () => {
    const replies: string[] = [];
    const calls = await serving((carried) => {
      if (carried.message["method"] === "tools/call") calls.push(carried);
      else {
        replies.push(carried.body);
        carried.head(202, {});
      }
    });
    const answered = call();
    const carried = await first(calls);
    const question = { jsonrpc: "2.0", id: 77, method: "roots/list" };
    carried.head(200, { "content-type": "text/event-stream" }, `data: ${JSON.stringify(question)}\n\n`, false);
    await until(() => replies.length > 0);
    expect(JSON.parse(replies[0] ?? "")).toMatchObject({ id: 77, error: { code: -32601 } });
    const result = { jsonrpc: "2.0", id: carried.message["id"], result: { content: [] } };
    carried.part(`data: ${JSON.stringify(result)}\n\n`, true);
    expect((await answered).status).toBe(200);
  });

  it("carries arguments larger than one frame, and larger than the credit", async () => {
    await serving((carried) => {
      const { params } = carried.message as { params?: { arguments: { text: string } } };
      carried.result({ content: [{ type: "text", text: `got ${params?.arguments.text.length}` }] });
    });
    const answered = await call({ text: "💡".repeat(450_000) });
    expect(answered.text).toContain("got 900000");
  });

  it("brings back an answer larger than the credit, and never more of it than was granted", async () => {
    const calls = await serving();
    const answered = call();
    const carried = await first(calls);
    const text = JSON.stringify({
      jsonrpc: "2.0",
      id: carried.message["id"],
      result: { content: [{ type: "text", text: "a".repeat(3_000_000) }] },
    });
    let most = 0;
    carried.head(200, { "content-type": "application/json" }, "", false);
    for (let at = 0; at < text.length;) {
      await until(() => carried.credit > 0);
      most = Math.max(most, carried.credit);
      const part = text.slice(at, at + Math.min(carried.credit, 100_000));
      at += part.length;
      carried.part(part, at === text.length);
    }
    expect(most).toBeLessThanOrEqual(262_144);
    expect((await answered).text.length).toBeGreaterThan(3_000_000);
  });

  it("gives up an answer of 100 MB at the server's bound, and grants no more", async () => {
    const calls = await serving();
    const answered = call();
    const carried = await first(calls);
    carried.head(200, { "content-type": "application/json" }, "", false);
    let sent = 0;
    while (!carried.isCancelled && sent < 100_000_000) {
      await until(() => carried.credit > 0 || carried.isCancelled);
      if (carried.isCancelled) break;
      const part = "x".repeat(Math.min(carried.credit, 200_000));
      sent += part.length;
      carried.part(part);
    }
    expect((await answered).body).toMatchObject({ code: "answer_too_large" });
    expect(sent).toBeLessThan(20_000_000);
    expect(carried.isCancelled).toBe(true);
  });

  it("is given up at the deadline, and the connector is told", async () => {
    const calls = await serving();
    const answered = ask("/call", {
      json: { tool: "memory__store", arguments: {} },
      headers: { "x-timeout-ms": "300" },
    });
    const carried = await first(calls);
    expect((await answered).body).toMatchObject({ code: "server_timeout", execution: "unknown" });
    await until(() => carried.isCancelled);
  });
});

describe("when a connector's socket breaks", () => {
  it("says that nobody knows of a call that had been sent", async () => {
    const calls = await serving();
    const answered = call();
    await first(calls);
    connected?.close();
    expect((await answered).body).toMatchObject({ code: "outcome_unknown", execution: "unknown" });
  });

  it("says that a call did not run whose last part had not left", async () => {
    // This connector reads nothing of a long request, so most of it stays with the gateway.
    const calls = await serving();
    for (const line of connected?.lines.values() ?? []) line.grants = false;
    const answered = call({ text: "a".repeat(1_000_000) });
    await until(() => [...(connected?.lines.values() ?? [])].some((line) => line.hasOpened("tools/call")));
    connected?.close();
    expect((await answered).body).toMatchObject({ code: "server_down", execution: "not_executed" });
    expect(calls).toEqual([]);
  });

  it("breaks off an answer that had begun", async () => {
    const calls = await serving();
    const answered = call();
    const carried = await first(calls);
    carried.head(200, { "content-type": "application/json" }, `{"jsonrpc":"2.0","id":`, false);
    await scheduler.wait(20);
    connected?.close();
    expect((await answered).body).toMatchObject({ code: "answer_truncated", execution: "unknown" });
  });

  it("waits for it to come back before a call is refused", async () => {
    await serving(echo);
    connected?.close();
    await scheduler.wait(50);
    const answered = call({ back: true });
    await scheduler.wait(100);
    connected = await connect({ servers: { memory: mcp(["store"], echo) } });
    expect((await answered).status).toBe(200);
  });

  it("is told by the state of its servers, once it has not come back", async () => {
    await serving(echo);
    connected?.close();
    const view = await untilState("memory", "down");
    expect(view["reason"]).toBe("Its connector laptop is gone.");
    expect((await call()).body).toMatchObject({ code: "server_down", execution: "not_executed" });
    connected = await connect({ servers: { memory: mcp(["store"], echo) } });
    await untilState("memory", "ready");
  });

  it("goes on when the connector says that the server failed", async () => {
    const fails: ((carried: Carried) => void)[] = [
      (carried) => carried.fail(false, "its process has exited"),
      (carried) => carried.fail(true, "its process died"),
    ];
    await serving((carried) => fails.shift()?.(carried) ?? echo(carried));
    expect((await call()).body).toMatchObject({ code: "outcome_unknown", execution: "unknown" });
    expect(fails).toEqual([]);
    expect((await call()).status).toBe(200);
  });
});

describe("two connectors with one server", () => {
  it("are two replicas, and one goes on when the other is gone", async () => {
    const heard: string[] = [];
    const saying =
      (name: string): Serve =>
      (carried) => {
        heard.push(name);
        echo(carried);
      };
    connected = await connect({ name: "one", servers: { memory: mcp(["store"], saying("one"), "session-of-one") } });
    const other = await connect({ name: "two", servers: { memory: mcp(["store"], saying("two"), "session-of-two") } });
    await untilState("memory", "ready");
    expect((await call()).status).toBe(200);
    connected.close();
    for (let n = 0; n < 5; n += 1) expect((await call()).status).toBe(200);
    expect(heard.slice(-5)).toEqual(["two", "two", "two", "two", "two"]);
    connected = await connect({ name: "one", servers: { memory: mcp(["store"], saying("one"), "session-of-one") } });
    other.close();
    for (let n = 0; n < 5; n += 1) expect((await call()).status).toBe(200);
    expect(heard.slice(-5)).toEqual(["one", "one", "one", "one", "one"]);
  });

  it("take each other's place when they have one name", async () => {
    await serving(echo);
    const [shard] = connected?.lines.keys() ?? [];
    await openAndGreet(shard ?? 1, { servers: { memory: mcp(["store"], echo) } });
    await until(() => connected?.lines.get(shard ?? 1)?.closed !== undefined);
    expect(connected?.lines.get(shard ?? 1)?.closed?.code).toBe(4001);
  });
});
