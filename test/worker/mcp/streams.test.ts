import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, connectTo, passTime, register } from "../door.ts";
import { expectFault, legacy, listen, openSession, stream } from "./client.ts";
import { slowServer, until, type SlowServer } from "./slow-server.ts";

let slow: SlowServer;
let session: string;
const path = "/mcp/servers/slow";

beforeEach(async () => {
  slow = slowServer("slow.example");
  connectTo(slow);
  await register({ id: "slow", url: "https://slow.example/mcp" });
  session = await openSession(path);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await ask("/servers/slow", { method: "DELETE" });
});

function call(id: unknown = 1, meta: object = {}) {
  const headers = { "mcp-session-id": session };
  return stream(path, "legacy", "tools/call", { name: "wait", _meta: meta }, { id, headers });
}

const text = (said: string) => ({ content: [{ type: "text", text: said }] });

describe("an answer", () => {
  it("is one document when it comes soon", async () => {
    const answer = call();
    (await until(() => slow.calls[0])).finish("soon");
    const { response } = await answer;
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(JSON.parse(await (await answer).text())).toEqual({ jsonrpc: "2.0", id: 1, result: text("soon") });
  });

  it("is a stream when it does not, which says first where to come back to", async () => {
    const answer = await call("my id");
    expect(answer.response.headers.get("content-type")).toBe("text/event-stream");
    expect(answer.response.headers.get("x-accel-buffering")).toBe("no");
    expect(await answer.next()).toEqual({ id: expect.stringMatching(/^c\./), retry: "1000", data: "" });
    slow.calls[0]?.finish("late");
    const last = await answer.next();
    expect(last?.id).toMatch(/^e\./);
    expect(JSON.parse(last?.data ?? "")).toEqual({ jsonrpc: "2.0", id: "my id", result: text("late") });
    expect(await answer.next()).toBeUndefined();
  });

  it("is a stream as soon as the server says something, each event with an id of its own", async () => {
    const answering = call(2, { progressToken: "t" });
    const running = await until(() => slow.calls[0]);
    running.say({ method: "notifications/progress", params: { progressToken: running.token, progress: 1 } });
    const answer = await answering;
    running.say({ method: "notifications/progress", params: { progressToken: running.token, progress: 2 } });
    running.finish("done");
    const ids = new Set([(await answer.next())?.id]);
    for (const progress of [1, 2]) {
      const event = await answer.next();
      ids.add(event?.id);
      expect(JSON.parse(event?.data ?? "")).toMatchObject({ params: { progressToken: "t", progress } });
    }
    const last = await answer.next();
    ids.add(last?.id);
    expect(JSON.parse(last?.data ?? "")).toMatchObject({ id: 2, result: text("done") });
    expect(ids.size).toBe(4);
  });

  it("comes in time from a server that never gives one, in a session, without one, and to modern clients", async () => {
    await ask("/servers/slow", { method: "PATCH", json: { timeoutMs: 4_500 } });
    passTime(2_500);
    const params = { name: "wait" };
    const answers = [
      call(),
      stream(path, "legacy", "tools/call", params),
      stream(path, "modern", "tools/call", params),
    ];
    for (const answer of answers) {
      const said: string[] = [];
      for (let event = await (await answer).next(); event; event = await (await answer).next()) said.push(event.data);
      expect(said.join("")).toContain("server_timeout");
    }
  });

  it("keeps text with line ends in it one event", async () => {
    slow.answer = async (_request, message) => {
      if (message?.method !== "tools/call") return undefined as never;
      await scheduler.wait(2_100);
      const result = `{\r\n"content":[],\r"x":\n1}`;
      return new Response(`{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":${result}}`, {
        headers: { "content-type": "application/json" },
      });
    };
    const answer = await call();
    await answer.next();
    const last = await answer.next();
    expect(JSON.parse(last?.data ?? "")).toEqual({ jsonrpc: "2.0", id: 1, result: { content: [], x: 1 } });
  });

  it("has no ids for a client that cannot come back", async () => {
    const answer = await stream(path, "modern", "tools/call", { name: "wait" });
    slow.calls[0]?.finish("late");
    const only = await answer.next();
    expect(only?.id).toBeUndefined();
    expect(JSON.parse(only?.data ?? "")).toMatchObject({ id: 1, result: text("late") });
  });

  it("waits for a client that takes one document only", async () => {
    const headers = { "mcp-session-id": session, accept: "application/json" };
    const answering = legacy(path, "tools/call", { name: "wait" }, { headers });
    const running = await until(() => slow.calls[0]);
    running.say({ method: "notifications/message", params: { level: "error", data: "lost" } });
    await scheduler.wait(2_200);
    running.finish("at last");
    expect((await answering).body).toEqual({ jsonrpc: "2.0", id: 1, result: text("at last") });
  });
});

describe("cancelling", () => {
  it("reaches the call that it names and no other, and leaves it without an answer", async () => {
    const first = await call(1);
    const second = await call("1");
    const headers = { "mcp-session-id": session };
    const told = await legacy(path, "notifications/cancelled", { requestId: "1" }, { headers, id: undefined });
    expect(told.status).toBe(202);
    await second.next();
    const end = await second.next();
    expect(end).toEqual({ id: expect.stringMatching(/^e\./), retry: "1000", data: "" });
    expect(await second.next()).toBeUndefined();
    expect(await until(() => slow.cancelled[0])).toBe(JSON.parse(slow.calls[1]?.idText ?? ""));
    slow.calls[0]?.finish("still here");
    expect(await first.message()).toMatchObject({ id: 1, result: text("still here") });
    expect(slow.cancelled).toHaveLength(1);
  });

  it("is nothing that another session can do", async () => {
    const answer = await call(7);
    const other = await openSession(path);
    for (const headers of [{ "mcp-session-id": other }, {}]) {
      await legacy(path, "notifications/cancelled", { requestId: 7 }, { headers, id: undefined });
    }
    await scheduler.wait(50);
    slow.calls[0]?.finish("untouched");
    expect(await answer.message()).toMatchObject({ id: 7, result: text("untouched") });
  });

  it("is what a modern client does by leaving", async () => {
    const answer = await stream(path, "modern", "tools/call", { name: "wait" });
    await answer.leave();
    expect(await until(() => slow.cancelled[0])).toBe(JSON.parse(slow.calls[0]?.idText ?? ""));
  });
});

describe("coming back", () => {
  it("finds the call where it is, with what was missed, and runs nothing again", async () => {
    const answering = call("back", { progressToken: 5 });
    const running = await until(() => slow.calls[0]);
    const progress = (n: number) =>
      running.say({ method: "notifications/progress", params: { progressToken: running.token, progress: n } });
    progress(1);
    const answer = await answering;
    await answer.next();
    const seen = await answer.next();
    await answer.leave();
    progress(2);
    const again = await listen(path, session, { "last-event-id": seen?.id ?? "" });
    expect(again.response.headers.get("content-type")).toBe("text/event-stream");
    expect(await again.message()).toMatchObject({ params: { progress: 2 } });
    progress(3);
    expect(await again.message()).toMatchObject({ params: { progress: 3 } });
    running.finish("kept");
    const last = await again.next();
    expect(JSON.parse(last?.data ?? "")).toMatchObject({ id: "back", result: text("kept") });
    expect(last?.id).toMatch(/^e\./);
    expect(await again.next()).toBeUndefined();
    expect(slow.calls).toHaveLength(1);
  });

  it("finds an answer that came while nobody listened", async () => {
    const answer = await call();
    const mark = await answer.next();
    await answer.leave();
    slow.calls[0]?.finish("waited for you");
    await scheduler.wait(100);
    const again = await listen(path, session, { "last-event-id": mark?.id ?? "" });
    expect(await again.message()).toMatchObject({ id: 1, result: text("waited for you") });
  });

  it("may happen while the lost stream still looks alive, and more than once", async () => {
    const answer = await call();
    const mark = await answer.next();
    const first = await listen(path, session, { "last-event-id": mark?.id ?? "" });
    await scheduler.wait(200);
    const second = await listen(path, session, { "last-event-id": mark?.id ?? "" });
    await scheduler.wait(200);
    slow.calls[0]?.finish("for the last to ask");
    expect(await second.message()).toMatchObject({ result: text("for the last to ask") });
    await first.leave();
    await answer.leave();
  });

  it("is told when the answer is lost, instead of waiting for ever", async () => {
    const answer = await call("gone");
    const mark = await answer.next();
    slow.calls[0]?.finish("delivered");
    await answer.message();
    const again = await listen(path, session, { "last-event-id": mark?.id ?? "" });
    const last = await again.next();
    const said = JSON.parse(last?.data ?? "") as { id: unknown; error: { data: object } };
    expect(said).toMatchObject({
      id: "gone",
      error: { code: 50_200, data: { code: "outcome_unknown", retryable: false } },
    });
    expect(await again.next()).toBeUndefined();
    const over = await listen(path, session, { "last-event-id": last?.id ?? "" });
    expect(over.response.status).toBe(405);
  });

  it("is told so, too, when more was missed than is kept", async () => {
    const answering = call("much", { progressToken: 5 });
    const running = await until(() => slow.calls[0]);
    running.say({ method: "notifications/progress", params: { progressToken: running.token, progress: 0 } });
    const answer = await answering;
    const mark = await answer.next();
    await answer.leave();
    for (let progress = 1; progress <= 300; progress += 1) {
      running.say({ method: "notifications/progress", params: { progressToken: running.token, progress } });
    }
    // Until the call reads its mail.
    await scheduler.wait(2_500);
    const again = await listen(path, session, { "last-event-id": mark?.id ?? "" });
    expect(await again.message()).toMatchObject({ id: "much", error: { data: { code: "outcome_unknown" } } });
    running.finish("unheard");
  });

  it("is refused with an id that is none", async () => {
    for (const id of ["1", "c.x.y.z", "c.x.1.!", "c.x.1.e30", "l.x.1.a", "q.a.1.b"]) {
      const headers = { accept: "text/event-stream", "mcp-session-id": session, "last-event-id": id };
      expectFault(await ask(path, { headers }), 400, 40_000);
    }
  });
});
