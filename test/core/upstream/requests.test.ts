import { describe, expect, it } from "vitest";
import { exchange } from "../../../core/upstream/exchange.ts";
import { answer, errorFor, resultFor, serve } from "./scripted-server.ts";
import { bounds, call, failed, legacyLink, modernLink, toolCall, value } from "./asking.ts";

const odd =
  '{"name":"t","arguments":{"n":12345678901234567890,"f":1.50,"e":"\\u00e9\\/","__proto__":{"a":1},"z":1,"a":2}}';

describe("a call to a legacy server", () => {
  it("carries arguments and result byte for byte", async () => {
    const result =
      '{"content":[{"type":"new_kind","x":9007199254740993}],"z":1,"a":"\\ud83d\\ude00 \\u003c","__proto__":{}}';
    const server = await serve((heard, response) => answer(response, resultFor(heard, result)));
    const got = value(await call(legacyLink(server.url), { paramsText: odd }));
    expect(got).toMatchObject({ resultText: result, isError: false, listChanged: false });
    expect(server.heard[0]?.body).toContain(`"method":"tools/call","params":${odd}}`);
  });

  it("carries session, version and credentials, and no header of ours can be overridden", async () => {
    const server = await serve((heard, response) => answer(response, resultFor(heard)));
    const headers = {
      Authorization: "Bearer x",
      "X-Team": "a",
      "Mcp-Session-Id": "evil",
      Accept: "evil",
      Host: "evil",
      "Last-Event-ID": "evil",
      "Mcp-Method": "evil",
      "Mcp-Param-Region": "evil",
    };
    const link = legacyLink(server.url, { headers, sessionId: "abc", protocolVersion: "2025-06-18" });
    value(await call(link));
    expect(server.heard[0]).toMatchObject({
      method: "POST",
      headers: {
        authorization: "Bearer x",
        "x-team": "a",
        "mcp-session-id": "abc",
        "mcp-protocol-version": "2025-06-18",
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        host: new URL(server.url).host,
      },
    });
    expect(JSON.stringify(server.heard[0]?.headers)).not.toMatch(/evil|mcp-method|mcp-param/);
  });

  it("has an id of its own each time, also at the same time", async () => {
    const server = await serve((heard, response) => answer(response, resultFor(heard)));
    const link = legacyLink(server.url);
    await Promise.all(Array.from({ length: 20 }, () => call(link)));
    expect(new Set(server.heard.map(({ rpc }) => rpc.id)).size).toBe(20);
  });

  it("says whether the tool itself failed", async () => {
    const server = await serve((heard, response) =>
      answer(response, resultFor(heard, '{"content":[],"isError":true}')),
    );
    expect(value(await call(legacyLink(server.url))).isError).toBe(true);
  });

  it("takes a JSON answer under any name and without a length", async () => {
    const server = await serve((heard, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      const text = resultFor(heard);
      response.write(text.slice(0, 10));
      setTimeout(() => response.end(text.slice(10)), 10);
    });
    expect(value(await call(legacyLink(server.url))).resultText).toBe('{"content":[]}');
  });
});

describe("a call to a modern server", () => {
  it("carries envelope and mirrored headers, and the arguments byte for byte", async () => {
    const server = await serve((heard, response) =>
      answer(response, resultFor(heard, '{"resultType":"complete","ttlMs":1.0}')),
    );
    const paramHeaders = { "Mcp-Param-Region": "us-west1" };
    const link = modernLink(server.url, { sessionId: "never" });
    const got = value(await call(link, { paramsText: odd, name: "tööl", paramHeaders }));
    expect(got.resultText).toBe('{"resultType":"complete","ttlMs":1.0}');
    const heard = server.heard[0];
    expect(heard?.headers).toMatchObject({
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "=?base64?dMO2w7Zs?=",
      "mcp-param-region": "us-west1",
    });
    expect(heard?.headers).not.toHaveProperty("mcp-session-id");
    expect(heard?.body).toContain(odd.slice(1));
    expect(heard?.rpc.params).toMatchObject({ _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } });
  });
});

describe("an error from a server", () => {
  it("comes with its code, words and raw data", async () => {
    const server = await serve((heard, response) => answer(response, errorFor(heard, -32002, "gone", '{"n":1.0}')));
    expect(failed(await call(legacyLink(server.url)))).toEqual({
      code: "server_error",
      server: "s1",
      execution: "unknown",
      rpcCode: -32002,
      rpcMessage: "gone",
      rpcData: '{"n":1.0}',
    });
  });
});

describe("the network a request takes", () => {
  it("is the private one for private connections only, where there is one", async () => {
    const taken: string[] = [];
    const door = (name: string) => ({
      fetch: async (url: string | URL | Request, init?: RequestInit) => {
        taken.push(name);
        return fetch(url, init);
      },
    });
    const server = await serve((heard, response) => answer(response, resultFor(heard)));
    const networks = { PRIVATE_NETWORK: door("private") as unknown as Fetcher };
    value(await exchange(toolCall(legacyLink(server.url, { network: "private" })), bounds(), networks));
    value(await exchange(toolCall(legacyLink(server.url, { network: "public" })), bounds(), networks));
    value(await exchange(toolCall(legacyLink(server.url, { network: "private" })), bounds(), {}));
    expect(taken).toEqual(["private"]);
    expect(server.heard).toHaveLength(3);
  });
});
