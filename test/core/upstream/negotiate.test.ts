import { describe, expect, it } from "vitest";
import { endSession, negotiate, type Target } from "../../../core/upstream/negotiate.ts";
import { bounds, failed, legacyLink, value } from "./asking.ts";
import {
  answer,
  errorFor,
  event,
  eventStream,
  json,
  resultFor,
  serve,
  status,
  type Heard,
  type Script,
} from "./scripted-server.ts";

const discovery = `{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"instructions":"hi",
  "_meta":{"io.modelcontextprotocol/serverInfo":{"name":"new","version":"2"}}}`;
const greeting = (version: string) =>
  `{"protocolVersion":"${version}","capabilities":{"tools":{},"resources":{"subscribe":true}},"serverInfo":{"name":"old","version":"1"}}`;

function target(url: string, more: Partial<Target> = {}): Target {
  return { server: "s1", replica: "r1", url, headers: { "x-key": "k" }, network: "private", ...more };
}

function find(url: string, more: Partial<Target> = {}, timeoutMs = 5_000) {
  return negotiate(target(url, more), bounds({ timeoutMs }), {});
}

function methods(heard: readonly Heard[]): (string | undefined)[] {
  return heard.map(({ method, rpc }) => rpc.method ?? method);
}

/** Refuses server/discover the given way and is legacy otherwise. */
function legacy(refuse: Script, version = "2025-11-25", sessionId = "sess"): Script {
  return (heard, response, socket) => {
    if (heard.rpc.method === "server/discover") return refuse(heard, response, socket);
    if (heard.rpc.method === "initialize") {
      return answer(response, resultFor(heard, greeting(version)), {
        ...json,
        ...(sessionId === "" ? {} : { "mcp-session-id": sessionId }),
      });
    }
    return status(response, 202);
  };
}

const notFound: Script = (_, response) => status(response, 404);

describe("a modern server", () => {
  it("is known by its answer to server/discover", async () => {
    const server = await serve((heard, response) => answer(response, resultFor(heard, discovery)));
    expect(value(await find(server.url))).toEqual({
      connection: {
        replica: "r1",
        url: server.url,
        kind: "http",
        era: "modern",
        protocolVersion: "2026-07-28",
        headers: { "x-key": "k" },
        network: "private",
      },
      capabilities: {
        tools: true,
        prompts: false,
        resources: false,
        completions: false,
        logging: false,
        subscribe: false,
      },
      capabilitiesText: '{"tools":{}}',
      serverName: "new",
      serverVersion: "2",
      instructions: "hi",
    });
    expect(methods(server.heard)).toEqual(["server/discover"]);
    expect(server.heard[0]?.headers).toMatchObject({ "mcp-method": "server/discover", "x-key": "k" });
  });

  it("may answer with an event stream", async () => {
    const server = await serve((heard, response) => {
      response.writeHead(200, eventStream).end(event(resultFor(heard, discovery.replaceAll("\n", ""))));
    });
    expect(value(await find(server.url)).connection.era).toBe("modern");
  });
});

describe("a legacy server", () => {
  it("is known by its refusal, is asked for the newest version, and is told that we are ready", async () => {
    const server = await serve(legacy((_, response) => status(response, 400, "no session")));
    const found = value(await find(server.url));
    expect(found.connection).toMatchObject({
      era: "legacy",
      protocolVersion: "2025-11-25",
      sessionId: "sess",
      kind: "http",
    });
    expect(found.capabilities).toMatchObject({ tools: true, resources: true, subscribe: true, prompts: false });
    expect(found).toMatchObject({ serverName: "old", serverVersion: "1" });
    expect(methods(server.heard)).toEqual(["server/discover", "initialize", "notifications/initialized"]);
    expect(server.heard[1]?.rpc.params).toEqual({
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "patchbay", version: expect.any(String) as unknown },
    });
    expect(server.heard[1]?.headers).not.toHaveProperty("mcp-protocol-version");
    expect(server.heard[2]?.headers).toMatchObject({ "mcp-session-id": "sess", "mcp-protocol-version": "2025-11-25" });
  });

  it("is told what the client behind the connection can do, word for word", async () => {
    const server = await serve(legacy(notFound));
    const clientCapabilitiesText = '{"elicitation": {"form":{}},"sampling":{"n":9007199254740993}}';
    value(await find(server.url, { clientCapabilitiesText }));
    expect(server.heard[1]?.body).toContain(`"capabilities":${clientCapabilitiesText}`);
  });

  it("may refuse in many ways", async () => {
    const refusals: Script[] = [
      notFound,
      (_, response) => status(response, 405),
      (_, response) => status(response, 406),
      (_, response) => status(response, 422, '{"detail":"?"}', json),
      (heard, response) => answer(response, errorFor(heard, -32601, "Method not found")),
      (heard, response) => status(response, 404, errorFor(heard, -32601, "Method not found"), json),
      (_, response) =>
        status(
          response,
          400,
          '{"jsonrpc":"2.0","id":"server-error","error":{"code":-32600,"message":"Missing session ID"}}',
          json,
        ),
      (heard, response) => void response.writeHead(200, eventStream).end(event(errorFor(heard, -32602, "Invalid"))),
      (heard, response) => answer(response, resultFor(heard, "{}")),
    ];
    for (const refuse of refusals) {
      const server = await serve(legacy(refuse));
      expect(value(await find(server.url)).connection.era).toBe("legacy");
    }
  });

  it("may answer with any version we speak, and needs no session", async () => {
    for (const version of ["2024-10-07", "2024-11-05", "2025-03-26", "2025-06-18"]) {
      const server = await serve(legacy(notFound, version, ""));
      const { connection } = value(await find(server.url));
      expect(connection.protocolVersion).toBe(version);
      expect(connection).not.toHaveProperty("sessionId");
    }
    const unknown = await serve(legacy(notFound, "2023-01-01"));
    expect(failed(await find(unknown.url))).toMatchObject({ code: "answer_invalid" });
  });

  it("that does not take our readiness is not ready", async () => {
    const usual = legacy(notFound);
    const server = await serve((heard, response, socket) =>
      heard.rpc.method === "notifications/initialized" ? status(response, 500) : usual(heard, response, socket),
    );
    expect(failed(await find(server.url))).toMatchObject({ code: "server_status", status: 500 });
  });

  it("is told goodbye, once, and may be rude about it", async () => {
    const server = await serve((_, response) => status(response, 405));
    await endSession(legacyLink(server.url, { sessionId: "sess" }), {});
    await endSession(legacyLink(server.url), {});
    await endSession(legacyLink("http://127.0.0.1:9/mcp", { sessionId: "sess" }), {});
    expect(server.heard).toMatchObject([{ method: "DELETE", headers: { "mcp-session-id": "sess" } }]);
  });
});

describe("an HTTP+SSE server", () => {
  const old = (): Script => {
    let stream: Parameters<Script>[1] | undefined;
    return (heard, response) => {
      if (heard.method === "GET") {
        stream = response.writeHead(200, eventStream);
        stream.write("event: endpoint\ndata: /messages\n\n");
        return heard.left;
      }
      if (heard.path === "/mcp") return status(response, 405);
      if (heard.rpc.method === "initialize") stream?.write(event(resultFor(heard, greeting("2024-11-05"))));
      return status(response, 202);
    };
  };

  it("is known by its stream, when it refuses both openings", async () => {
    const server = await serve(old());
    const found = value(await find(server.url));
    expect(found.connection).toMatchObject({
      kind: "sse",
      era: "legacy",
      protocolVersion: "2024-11-05",
      url: server.url,
    });
    expect(found.capabilities.tools).toBe(true);
    expect(methods(server.heard)).toEqual(["server/discover", "initialize", "GET", "initialize"]);
  });

  it("is asked at once when the operator says so, and never when the operator says http", async () => {
    const told = await serve(old());
    expect(value(await find(told.url, { kind: "sse" })).connection.kind).toBe("sse");
    expect(methods(told.heard)).toEqual(["GET", "initialize"]);
    const refused = await serve(old());
    expect(failed(await find(refused.url, { kind: "http" }))).toMatchObject({ code: "server_status", status: 405 });
    expect(methods(refused.heard)).toEqual(["server/discover", "initialize"]);
  });

  it("is none when there is no stream either: what initialize got is what counts", async () => {
    const server = await serve((heard, response) => status(response, heard.rpc.method === "initialize" ? 404 : 405));
    expect(failed(await find(server.url))).toMatchObject({ code: "server_status", status: 404 });
  });
});

describe("what is no evidence of an era", () => {
  it("is a failure, and nothing more is tried", async () => {
    const cases: [Script, string][] = [
      [(_, response) => status(response, 401), "server_refused_credential"],
      [(_, response) => status(response, 403), "server_refused_credential"],
      [(_, response) => status(response, 429), "server_busy"],
      [(_, response) => status(response, 500), "server_status"],
      [(_, response) => status(response, 503), "server_status"],
      [(_, response) => answer(response, "<html>", { "content-type": "text/html" }), "answer_html"],
      [(heard, response) => answer(response, resultFor(heard, discovery).slice(0, 40)), "answer_truncated"],
      [(_request, _response, socket) => void socket.resetAndDestroy(), "server_unreachable"],
      [(heard) => heard.left, "server_timeout"],
    ];
    for (const [script, code] of cases) {
      const server = await serve(script);
      expect(failed(await find(server.url, {}, 300))).toMatchObject({ code });
      expect(server.heard).toHaveLength(1);
    }
  });
});
