import { describe, expect, it } from "vitest";
import { listenTo, type ListenFilter } from "../../../core/upstream/listen.ts";
import type { Bounds, Hooks, Link } from "../../../core/upstream/link.ts";
import { bounds, failed, legacyLink, modernLink, value } from "./asking.ts";
import { hooked } from "./hooked.ts";
import { errorFor, event, eventStream, json, resultFor, serve, status, type Script } from "./scripted-server.ts";

const changed = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';
const forAll = { deadlineAt: Number.POSITIVE_INFINITY };

function listen(link: Link, hooks: Hooks, more: Partial<Bounds> = {}, filter: ListenFilter = {}) {
  return listenTo(link, "s1", filter, hooks, bounds(more), {});
}

/** Each GET is answered by the next of these; the last goes on for ever. */
function streams(...scripts: readonly Script[]): Script {
  let next = 0;
  return (heard, response, socket) => {
    if (heard.method !== "GET") return status(response, 202);
    const script = scripts[Math.min(next++, scripts.length - 1)];
    return script?.(heard, response, socket);
  };
}

const says =
  (text: string, stays = false): Script =>
  (heard, response) => {
    response.writeHead(200, eventStream).write(text);
    return stays ? heard.left : void response.end();
  };

describe("listening to a legacy server", () => {
  it("hears what it says and asks, until the server ends it", async () => {
    const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
    const elicitation = '{"jsonrpc":"2.0","id":2,"method":"elicitation/create","params":{}}';
    const server = await serve(streams(says(event(changed) + event(ping) + event(elicitation) + event("odd"))));
    const hooks = hooked((request) => request.method !== "ping");
    value(await listen(legacyLink(server.url, { sessionId: "abc", headers: { "x-key": "k" } }), hooks, forAll));
    expect(hooks.heard).toEqual([changed]);
    expect(hooks.asked.map(({ text }) => text)).toEqual([ping, elicitation]);
    expect(server.heard).toMatchObject([
      { method: "GET", headers: { accept: "text/event-stream", "mcp-session-id": "abc", "x-key": "k" } },
      { method: "POST", rpc: { id: 1, result: {} } },
    ]);
  });

  it("ends well when the client leaves or the time is over, and lets the server go", async () => {
    const server = await serve(streams(says(event(changed), true)));
    const client = new AbortController();
    const hooks = hooked();
    const listening = listen(legacyLink(server.url), hooks, { ...forAll, signal: client.signal });
    await hooks.hears(1);
    client.abort();
    value(await listening);
    await server.heard[0]?.left;
    value(await listen(legacyLink(server.url), hooked(), { deadlineAt: Date.now() + 150 }));
    await server.heard[1]?.left;
    expect(server.heard.every(({ method }) => method === "GET")).toBe(true);
  });

  it("that has no such stream ends at once", async () => {
    for (const code of [405, 404]) {
      const server = await serve((_, response) => status(response, code));
      const hooks = hooked();
      value(await listen(legacyLink(server.url), hooks, forAll));
      expect([server.heard.length, hooks.opened()]).toEqual([1, 0]);
    }
  });

  it("fails when it cannot be, and is not tried again", async () => {
    const cases: [Script, Partial<Link>, string][] = [
      [(_, response) => status(response, 404), { sessionId: "abc" }, "session_lost"],
      [(_, response) => status(response, 401), {}, "server_refused_credential"],
      [(_, response) => status(response, 503), {}, "server_status"],
      [(_, response) => status(response, 409), {}, "server_status"],
      [(_, response) => status(response, 200, "<p>", { "content-type": "text/html" }), {}, "answer_invalid"],
      [(_request, _response, socket) => void socket.resetAndDestroy(), {}, "server_unreachable"],
    ];
    for (const [script, more, code] of cases) {
      const server = await serve(script);
      expect(failed(await listen(legacyLink(server.url, more), hooked(), forAll))).toMatchObject({ code });
      expect(server.heard).toHaveLength(1);
    }
  });

  it("takes no more than one event's worth at a time, but that for ever", async () => {
    const large = event(`{"jsonrpc":"2.0","method":"x","params":{"x":"${"x".repeat(90_000)}"}}`);
    const small = { ...forAll, maxAnswerBytes: 50_000 };
    const many = await serve(streams(says(large.repeat(10))));
    const hooks = hooked();
    value(await listen(legacyLink(many.url), hooks, small));
    expect(hooks.heard).toHaveLength(10);
    const oversized = await serve(streams(says(event(`"${"x".repeat(200_000)}"`))));
    expect(failed(await listen(legacyLink(oversized.url), hooked(), small))).toMatchObject({
      code: "answer_too_large",
    });
  });

  it("may be asked as often as the server likes", async () => {
    const server = await serve(streams(says(event('{"jsonrpc":"2.0","id":1,"method":"ping"}').repeat(100))));
    value(
      await listen(
        legacyLink(server.url),
        hooked(() => false),
        forAll,
      ),
    );
    expect(server.heard.filter(({ method }) => method === "POST")).toHaveLength(100);
  });
});

describe("a legacy stream that breaks off", () => {
  const breaks =
    (text: string): Script =>
    (_, response, socket) => {
      response.writeHead(200, eventStream).write(text);
      setTimeout(() => socket.resetAndDestroy(), 20);
    };

  it("is taken up behind the last event", async () => {
    const server = await serve(
      streams(
        breaks(`retry: 1\nid: 7\n${event(changed)}`),
        says(`id: 8\n${event(changed)}`),
        says(event(changed), true),
      ),
    );
    const hooks = hooked();
    const client = new AbortController();
    const listening = listen(legacyLink(server.url), hooks, { ...forAll, signal: client.signal });
    await hooks.hears(2);
    await hooks.hears(3);
    client.abort();
    value(await listening);
    expect(server.heard.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "7", "8"]);
    expect(hooks.opened()).toBe(3);
  });

  it("is asked for again until it opens, and may have gone", async () => {
    const first = breaks(`retry: 1\n${event(changed)}`);
    const again = await serve(
      streams(
        first,
        (_, response) => status(response, 503),
        (_, response) => status(response, 409),
        says(event(changed), true),
      ),
    );
    const hooks = hooked();
    const client = new AbortController();
    const listening = listen(legacyLink(again.url), hooks, { ...forAll, signal: client.signal });
    await hooks.hears(2);
    client.abort();
    value(await listening);
    const gone = await serve(streams(first, (_, response) => status(response, 404)));
    expect(failed(await listen(legacyLink(gone.url, { sessionId: "abc" }), hooked(), forAll))).toMatchObject({
      code: "session_lost",
    });
    expect(gone.heard).toHaveLength(2);
  });

  it("is given up when it stays closed", async () => {
    const server = await serve(streams(breaks("retry: 1\nid: 1\ndata:\n\n"), (_, response) => status(response, 503)));
    expect(failed(await listen(legacyLink(server.url), hooked(), forAll))).toMatchObject({ status: 503 });
    expect(server.heard).toHaveLength(6);
  });

  it("is not asked for before the server wants it, nor waited for by a client that has left", async () => {
    const server = await serve(streams(breaks("retry: 3600000\nid: 1\ndata:\n\n")));
    const client = new AbortController();
    const listening = listen(legacyLink(server.url), hooked(), { ...forAll, signal: client.signal });
    setTimeout(() => client.abort(), 200);
    value(await listening);
    expect(server.heard).toHaveLength(1);
  });
});

describe("listening to a modern server", () => {
  const filter = { toolsListChanged: true, resourceSubscriptions: ["file:///a"] };

  it("asks for what is wanted, and hears it until the server ends it", async () => {
    const server = await serve((heard, response) => {
      response.writeHead(200, eventStream).write(event(changed));
      response.end(event(resultFor(heard, '{"resultType":"complete"}')));
    });
    const hooks = hooked();
    value(await listen(modernLink(server.url), hooks, forAll, filter));
    expect(hooks.heard).toEqual([changed]);
    expect(server.heard).toMatchObject([
      {
        method: "POST",
        headers: { "mcp-method": "subscriptions/listen", "mcp-protocol-version": "2026-07-28" },
        rpc: { method: "subscriptions/listen", params: { notifications: filter } },
      },
    ]);
  });

  it("ends well when the client leaves, which closes it", async () => {
    const server = await serve(async (heard, response) => {
      response.writeHead(200, eventStream).write(event(changed).repeat(3));
      return heard.left;
    });
    const client = new AbortController();
    const hooks = hooked();
    const listening = listen(modernLink(server.url), hooks, { ...forAll, signal: client.signal }, filter);
    await hooks.hears(3);
    client.abort();
    value(await listening);
    await server.heard[0]?.left;
    expect(server.heard).toHaveLength(1);
  });

  it("that knows no subscriptions ends at once", async () => {
    const server = await serve((heard, response) => status(response, 404, errorFor(heard, -32601, "?"), json));
    value(await listen(modernLink(server.url), hooked(), forAll));
    expect(server.heard).toHaveLength(1);
  });

  it("fails when the stream breaks off, for what was missed is lost", async () => {
    const server = await serve(
      (_, response) => void response.writeHead(200, eventStream).end(`id: 1\n${event(changed)}`),
    );
    expect(failed(await listen(modernLink(server.url), hooked(), forAll))).toMatchObject({ code: "answer_truncated" });
    expect(server.heard).toHaveLength(1);
  });
});
