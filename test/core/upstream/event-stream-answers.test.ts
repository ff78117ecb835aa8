import { describe, expect, it } from "vitest";
import { bounds, call, failed, legacyLink, value } from "./asking.ts";
import { errorFor, event, eventStream, resultFor, serve, type Heard, type Script } from "./scripted-server.ts";

const listChanged = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';

/** A server that streams these events to a call and takes every other message with a 202. */
async function streaming(events: (heard: Heard) => readonly string[], stayOpen = false) {
  return serve((heard, response) => {
    if (heard.rpc.method === undefined) return void response.writeHead(202).end();
    response.writeHead(200, eventStream);
    for (const one of events(heard)) response.write(one);
    return stayOpen ? heard.left : void response.end();
  });
}

describe("an answer in an event stream", () => {
  it("comes out byte for byte, whatever came before it", async () => {
    const result = '{"content":[],"n":9007199254740993,"t":"\\u00e9 grüße"}';
    const server = await streaming((heard) => [
      ": hello\n\n",
      "id: 1\ndata:\n\n",
      event('{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}'),
      event(listChanged),
      `event: something-else\ndata: ${resultFor(heard, '{"wrong":true}')}\n\n`,
      event('{"jsonrpc":"2.0","id":"another","result":{}}'),
      event("not json"),
      event(resultFor(heard, result)),
    ]);
    expect(value(await call(legacyLink(server.url)))).toMatchObject({ resultText: result, listChanged: true });
  });

  it("is taken as soon as it is there, and the stream is let go", async () => {
    const server = await streaming((heard) => [event(resultFor(heard))], true);
    expect(value(await call(legacyLink(server.url)))).toMatchObject({ listChanged: false });
    await server.heard[0]?.left;
  });

  it("may be an error", async () => {
    const server = await streaming((heard) => [event(errorFor(heard, -32602, "bad"))]);
    expect(failed(await call(legacyLink(server.url)))).toMatchObject({ code: "server_error", rpcCode: -32602 });
  });

  it("may be split anywhere, with CR endings and over several data lines", async () => {
    const server = await serve(async (heard, response) => {
      response.writeHead(200, { "content-type": "Text/Event-Stream; charset=utf-8" });
      const text = `\ufeffdata: {"jsonrpc":"2.0","id":"${String(heard.rpc.id)}",\rdata: "result":{"t":"ü😀"}}\r\r`;
      for (const byte of Buffer.from(text)) {
        response.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await heard.left;
    });
    expect(value(await call(legacyLink(server.url))).resultText).toBe('{"t":"ü😀"}');
  });
});

describe("a server that asks in the middle of a call", () => {
  it("is answered at once on the same connection, and the call goes on", async () => {
    const replies: Heard[] = [];
    let answered = () => undefined as void;
    const bothAnswered = new Promise<void>((resolve) => (answered = resolve));
    const server = await serve(async (heard, response) => {
      if (heard.rpc.method === undefined) {
        replies.push(heard);
        if (replies.length === 2) answered();
        return void response.writeHead(202).end();
      }
      response.writeHead(200, eventStream);
      response.write(event('{"jsonrpc":"2.0","id":77,"method":"ping"}'));
      response.write(event('{"jsonrpc":"2.0","id":"s","method":"sampling/createMessage","params":{}}'));
      await bothAnswered;
      return void response.end(event(resultFor(heard)));
    });
    value(await call(legacyLink(server.url, { sessionId: "abc", headers: { "x-key": "k" } })));
    expect(replies.map(({ rpc }) => rpc)).toEqual([
      { jsonrpc: "2.0", id: 77, result: {} },
      { jsonrpc: "2.0", id: "s", error: { code: -32601, message: "Method not found" } },
    ]);
    expect(replies[0]?.headers).toMatchObject({ "mcp-session-id": "abc", "x-key": "k" });
  });

  it("may not ask without end", async () => {
    const server = await streaming(() => [event('{"jsonrpc":"2.0","id":1,"method":"ping"}').repeat(500)], true);
    expect(failed(await call(legacyLink(server.url)))).toMatchObject({ code: "answer_invalid" });
    expect(server.heard.length).toBeLessThan(100);
  });
});

describe("an event stream without our answer", () => {
  const failureOf = async (script: Script) => failed(await call(legacyLink((await serve(script)).url)));
  const ended = (text: string) => failureOf((_, response) => void response.writeHead(200, eventStream).end(text));

  it("is truncated when it just ends, or breaks off", async () => {
    expect(await ended(event(listChanged))).toMatchObject({ code: "answer_truncated", execution: "unknown" });
    expect(await ended(": nothing\n\n")).toMatchObject({ code: "answer_truncated" });
    expect(
      await failureOf((heard, response) => void response.writeHead(200, eventStream).end(`data: ${resultFor(heard)}`)),
    ).toMatchObject({ code: "answer_truncated" });
    expect(
      await failureOf((_, response, socket) => {
        response.writeHead(200, eventStream).write(event(listChanged));
        setTimeout(() => socket.resetAndDestroy(), 20);
      }),
    ).toMatchObject({ code: "answer_truncated" });
  });

  it("answered somebody else", async () => {
    expect(await ended(event('{"jsonrpc":"2.0","id":"x","result":{}}'))).toMatchObject({ code: "answer_wrong_id" });
  });

  it("held no JSON, or no JSON-RPC", async () => {
    expect(await ended(event("oops"))).toMatchObject({ code: "answer_not_json" });
    expect(await ended(event("{}"))).toMatchObject({ code: "answer_invalid" });
    const broken = Buffer.from(event("é"), "latin1");
    expect(await failureOf((_, response) => void response.writeHead(200, eventStream).end(broken))).toMatchObject({
      code: "answer_not_json",
    });
  });

  it("is invalid at once when it answers us with neither result nor error", async () => {
    const server = await streaming((heard) => [event(`{"jsonrpc":"2.0","id":"${String(heard.rpc.id)}"}`)], true);
    const reason = failed(await call(legacyLink(server.url), {}, bounds({ timeoutMs: 4_000 })));
    expect(reason).toMatchObject({ code: "answer_invalid" });
  });
});
