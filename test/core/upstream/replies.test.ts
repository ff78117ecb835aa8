import { describe, expect, it } from "vitest";
import { reply } from "../../../core/upstream/reply.ts";
import type { Link } from "../../../core/upstream/link.ts";
import { bounds, call, failed, legacyLink, modernLink, value } from "./asking.ts";
import { hooked, responseTo } from "./hooked.ts";
import { event, eventStream, resultFor, serve, status, type Heard } from "./scripted-server.ts";
import type { ServerResponse } from "node:http";

const message = '{"jsonrpc":"2.0","id":9007199254740993,"result":{"action":"accept","content":{"n":1.0}}}';

function send(link: Link, timeoutMs = 2_000, replyUrl?: string) {
  return reply(link, "s1", message, bounds({ timeoutMs }), {}, replyUrl);
}

describe("a reply to a legacy server", () => {
  it("is posted as it is, in the session, with the credential", async () => {
    const server = await serve((_, response) => status(response, 202));
    value(await send(legacyLink(server.url, { sessionId: "abc", headers: { "x-key": "k" } })));
    expect(server.heard).toMatchObject([
      {
        method: "POST",
        body: message,
        headers: {
          "mcp-session-id": "abc",
          "x-key": "k",
          "mcp-protocol-version": "2025-11-25",
          "content-type": "application/json",
        },
      },
    ]);
  });

  it("that is refused, or goes nowhere, says so", async () => {
    const gone = await serve((_, response) => status(response, 404));
    expect(failed(await send(legacyLink(gone.url, { sessionId: "abc" })))).toMatchObject({ code: "session_lost" });
    const down = await serve((_, response) => status(response, 503));
    expect(failed(await send(legacyLink(down.url)))).toMatchObject({ code: "server_status", status: 503 });
    const hung = await serve(async (heard) => heard.left);
    expect(failed(await send(legacyLink(hung.url), 150))).toMatchObject({ code: "server_timeout" });
    await hung.heard[0]?.left;
    expect(failed(await send(legacyLink("http://127.0.0.1:9/mcp")))).toMatchObject({ code: "server_unreachable" });
  });
});

describe("a reply to a modern server", () => {
  it("is not sent", async () => {
    const server = await serve((_, response) => status(response, 202));
    expect(failed(await send(modernLink(server.url)))).toMatchObject({ execution: "not_executed" });
    expect(server.heard).toEqual([]);
  });
});

describe("a reply over HTTP+SSE", () => {
  it("goes to the address that the call's own stream named", async () => {
    let stream: ServerResponse | undefined;
    let asked: Heard | undefined;
    const server = await serve((heard, response) => {
      if (heard.method === "GET") {
        stream = response.writeHead(200, eventStream);
        stream.write("event: endpoint\ndata: /messages?s=1\n\n");
        return heard.left;
      }
      if (heard.rpc.method === "initialize") stream?.write(event(resultFor(heard, '{"protocolVersion":"2024-11-05"}')));
      if (heard.rpc.method === "tools/call") {
        asked = heard;
        stream?.write(event('{"jsonrpc":"2.0","id":5,"method":"roots/list"}'));
      }
      if (heard.rpc.id === 5 && asked) stream?.write(event(resultFor(asked, '{"content":[],"replied":true}')));
      return status(response, 202);
    });
    const link = legacyLink(server.url, { kind: "sse", protocolVersion: "2024-11-05" });
    const hooks = hooked();
    const answered = call(link, { clientCapabilitiesText: '{"roots":{}}', logLevel: "error" }, bounds({ hooks }));
    const request = await hooks.isAsked("roots/list");
    expect(request.replyUrl).toBe(`${new URL(server.url).origin}/messages?s=1`);
    value(await reply(link, "s1", responseTo(request, '{"roots":[]}'), bounds(), {}, request.replyUrl));
    expect(value(await answered).resultText).toBe('{"content":[],"replied":true}');
    // Said each time, since the session is the call's own.
    const told = server.heard.map(({ rpc }) => [rpc.method, rpc.params]);
    expect(told).toContainEqual(["initialize", expect.objectContaining({ capabilities: { roots: {} } })]);
    expect(told).toContainEqual(["logging/setLevel", { level: "error" }]);
  });

  it("has no other way, and never another origin", async () => {
    const other = await serve((_, response) => status(response, 202));
    const link = legacyLink("http://127.0.0.1:9/sse", { kind: "sse" });
    for (const address of [undefined, other.url, "nonsense"]) {
      expect(failed(await send(link, 500, address))).toMatchObject({ execution: "not_executed" });
    }
    expect(other.heard).toEqual([]);
  });
});
