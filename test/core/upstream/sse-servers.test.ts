import { describe, expect, it } from "vitest";
import { listenTo } from "../../../core/upstream/listen.ts";
import { bounds, call, failed, legacyLink, value } from "./asking.ts";
import { hooked } from "./hooked.ts";
import { errorFor, event, eventStream, resultFor, serve, type Heard, type ScriptedServer } from "./scripted-server.ts";
import type { ServerResponse } from "node:http";

interface SseScript {
  /** The data of the `endpoint` event; none when undefined. */
  readonly endpoint?: string;
  /** What the stream says to each message. */
  readonly onMessage?: (heard: Heard) => string | undefined;
  /** The status of the POST itself. */
  readonly postStatus?: (heard: Heard) => number;
}

const greeting =
  '{"protocolVersion":"2024-11-05","capabilities":{"tools":{}},"serverInfo":{"name":"old","version":"1"}}';

function defaultAnswer(heard: Heard): string | undefined {
  if (heard.rpc.method === "initialize") return event(resultFor(heard, greeting));
  return heard.rpc.id === undefined ? undefined : event(resultFor(heard));
}

async function sseServer(script: SseScript = {}): Promise<ScriptedServer> {
  const { endpoint = "/messages?session=1", onMessage = defaultAnswer, postStatus = () => 202 } = script;
  let stream: ServerResponse | undefined;
  return serve(async (heard, response) => {
    if (heard.method === "GET") {
      stream = response;
      response.writeHead(200, eventStream);
      response.write(`: hi\n\n${endpoint === "" ? "" : `event: endpoint\ndata: ${endpoint}\n\n`}`);
      return heard.left;
    }
    const said = onMessage(heard);
    if (said !== undefined) stream?.write(said);
    response.writeHead(postStatus(heard)).end("Accepted");
    return undefined;
  });
}

function sseLink(server: ScriptedServer) {
  return legacyLink(server.url, { kind: "sse", protocolVersion: "2024-11-05", headers: { "x-key": "k" } });
}

describe("a call to an HTTP+SSE server", () => {
  it("says hello, asks, and lets the stream go", async () => {
    const server = await sseServer();
    expect(value(await call(sseLink(server))).resultText).toBe('{"content":[]}');
    expect(server.heard.map(({ method, path, rpc }) => [method, path, rpc.method])).toEqual([
      ["GET", "/mcp", undefined],
      ["POST", "/messages?session=1", "initialize"],
      ["POST", "/messages?session=1", "notifications/initialized"],
      ["POST", "/messages?session=1", "tools/call"],
    ]);
    expect(server.heard.every(({ headers }) => headers["x-key"] === "k")).toBe(true);
    expect(server.heard[0]?.headers.accept).toBe("text/event-stream");
    await server.heard[0]?.left;
  });

  it("notices changes and answers pings on the way", async () => {
    const server = await sseServer({
      onMessage: (heard) => {
        if (heard.rpc.method !== "tools/call") return defaultAnswer(heard);
        const ping = event('{"jsonrpc":"2.0","id":5,"method":"ping"}');
        return ping + event('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}') + event(resultFor(heard));
      },
    });
    expect(value(await call(sseLink(server))).listChanged).toBe(true);
    expect(server.heard.at(-1)?.rpc).toEqual({ jsonrpc: "2.0", id: 5, result: {} });
  });

  it("hands on the server's error", async () => {
    const server = await sseServer({
      onMessage: (heard) =>
        heard.rpc.method === "tools/call" ? event(errorFor(heard, -32602, "no")) : defaultAnswer(heard),
    });
    expect(failed(await call(sseLink(server)))).toMatchObject({ code: "server_error", rpcCode: -32602 });
  });
});

describe("an HTTP+SSE server at fault", () => {
  it("before the call was sent proves that nothing ran", async () => {
    const gone = await serve((_, response) => void response.writeHead(404).end());
    expect(failed(await call(sseLink(gone)))).toMatchObject({
      code: "server_status",
      status: 404,
      execution: "not_executed",
    });
    const page = await serve((_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>"));
    expect(failed(await call(sseLink(page)))).toMatchObject({ code: "answer_invalid", execution: "not_executed" });
    const reset = await serve((_request, _response, socket) => void socket.resetAndDestroy());
    expect(failed(await call(sseLink(reset)))).toMatchObject({ code: "server_unreachable", execution: "not_executed" });
    const mute = await sseServer({ onMessage: () => undefined });
    const late = failed(await call(sseLink(mute), {}, bounds({ timeoutMs: 200 })));
    expect(late).toMatchObject({ code: "server_timeout", execution: "not_executed" });
  });

  it("may not send our credential to another origin", async () => {
    const other = await serve((_, response) => void response.writeHead(202).end());
    const server = await sseServer({ endpoint: `${other.url}/messages` });
    expect(failed(await call(sseLink(server)))).toMatchObject({ code: "answer_invalid", execution: "not_executed" });
    expect(other.heard).toEqual([]);
    const unnamed = await sseServer({ endpoint: "" });
    const late = failed(await call(sseLink(unnamed), {}, bounds({ timeoutMs: 200 })));
    expect(late).toMatchObject({ code: "server_timeout", execution: "not_executed" });
  });

  it("after the call was sent leaves it unknown", async () => {
    const silent = await sseServer({
      onMessage: (heard) => (heard.rpc.method === "tools/call" ? undefined : defaultAnswer(heard)),
    });
    const late = failed(await call(sseLink(silent), {}, bounds({ timeoutMs: 300 })));
    expect(late).toMatchObject({ code: "server_timeout", execution: "unknown" });
    const refusing = await sseServer({
      onMessage: (heard) => (heard.rpc.method === "tools/call" ? undefined : defaultAnswer(heard)),
      postStatus: (heard) => (heard.rpc.method === "tools/call" ? 500 : 202),
    });
    expect(failed(await call(sseLink(refusing)))).toMatchObject({
      code: "server_status",
      status: 500,
      execution: "unknown",
    });
  });

  it("that answers before it takes the message is heard all the same", async () => {
    let stream: ServerResponse | undefined;
    const server = await serve(async (heard, response) => {
      if (heard.method === "GET") {
        stream = response;
        response.writeHead(200, eventStream).write("event: endpoint\ndata: /m\n\n");
        return heard.left;
      }
      const said = defaultAnswer(heard);
      if (said === undefined) return void response.writeHead(202).end();
      stream?.write(said);
      return heard.left;
    });
    expect(value(await call(sseLink(server))).resultText).toBe('{"content":[]}');
  });
});

describe("listening to an HTTP+SSE server", () => {
  const changed = '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"file:///a"}}';
  const forAll = bounds({ deadlineAt: Number.POSITIVE_INFINITY });

  it("subscribes, hears what comes, and says where replies go", async () => {
    const question = '{"jsonrpc":"2.0","id":3,"method":"roots/list"}';
    const server = await sseServer({
      onMessage: (heard) =>
        heard.rpc.method === "resources/subscribe" ? event(changed) + event(question) : defaultAnswer(heard),
    });
    const client = new AbortController();
    const hooks = hooked();
    const filter = { resourceSubscriptions: ["file:///a"] };
    const listening = listenTo(sseLink(server), "s1", filter, hooks, { ...forAll, signal: client.signal }, {});
    await hooks.isAsked("roots/list");
    client.abort();
    value(await listening);
    const replyUrl = `${new URL(server.url).origin}/messages?session=1`;
    expect(hooks.asked).toEqual([{ method: "roots/list", idText: "3", text: question, replyUrl }]);
    expect(hooks.heard).toEqual([changed]);
    expect(server.heard.at(-1)?.rpc).toMatchObject({ method: "resources/subscribe", params: { uri: "file:///a" } });
    await server.heard[0]?.left;
  });

  it("ends well with the stream, and fails when there is none", async () => {
    let stream: ServerResponse | undefined;
    const ending = await serve((heard, response) => {
      if (heard.method === "GET") {
        stream = response.writeHead(200, eventStream);
        stream.write("event: endpoint\ndata: /m\n\n");
        return;
      }
      if (heard.rpc.method === "initialize") stream?.write(event(resultFor(heard, greeting)));
      else stream?.end(event(changed));
      response.writeHead(202).end();
    });
    const hooks = hooked();
    value(await listenTo(sseLink(ending), "s1", {}, hooks, forAll, {}));
    expect([hooks.opened(), hooks.heard]).toEqual([1, [changed]]);
    const gone = await serve((_, response) => void response.writeHead(404).end());
    expect(failed(await listenTo(sseLink(gone), "s1", {}, hooks, forAll, {}))).toMatchObject({ status: 404 });
  });
});
