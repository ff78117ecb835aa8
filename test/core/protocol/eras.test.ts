import { describe, expect, it } from "vitest";
import { eras } from "../../../core/protocol/eras/index.ts";
import { readDiscovery, readGreeting } from "../../../core/protocol/introduction.ts";

const spoken = { protocolVersion: "2026-07-28" };

describe("the modern era", () => {
  it("puts its envelope into the params and leaves the rest byte for byte", () => {
    const params = '{"name":"t","arguments":{"n":12345678901234567890,"u":"\\u00e9"}}';
    const sent = eras.modern.params(params, spoken, {});
    expect(sent.endsWith(params.slice(1))).toBe(true);
    expect(JSON.parse(sent)).toMatchObject({
      name: "t",
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { name: "patchbay" },
      },
    });
  });

  it("puts it into params that are empty or begin with space", () => {
    for (const params of ["{}", " { } ", '\n{ "cursor":"x"}']) {
      expect(JSON.parse(eras.modern.params(params, spoken, {}))).toEqual({
        ...(JSON.parse(params) as object),
        _meta: expect.objectContaining({ "io.modelcontextprotocol/protocolVersion": "2026-07-28" }) as unknown,
      });
    }
  });

  it("speaks for a client: its capabilities as written, its log level, our progress token, what travels on", () => {
    const sent = eras.modern.params('{"name":"t"}', spoken, {
      clientCapabilitiesText: '{"sampling":{"n":9007199254740993}}',
      logLevel: "debug",
      progressToken: "p-1",
      metaText: `{"traceparent":"00-a","x/y":1e400,"progressToken":"theirs","io.modelcontextprotocol/clientCapabilities":{"roots":{}}}`,
    });
    expect(sent).toContain('"io.modelcontextprotocol/clientCapabilities":{"sampling":{"n":9007199254740993}}');
    expect(sent).toContain('"x/y":1e400');
    expect(JSON.parse(sent)).toEqual({
      name: "t",
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": { sampling: { n: 9007199254740992 } },
        "io.modelcontextprotocol/clientInfo": { name: "patchbay", version: expect.any(String) as unknown },
        "io.modelcontextprotocol/logLevel": "debug",
        traceparent: "00-a",
        "x/y": Number.POSITIVE_INFINITY,
        progressToken: "p-1",
      },
    });
  });

  it("mirrors the request in headers", () => {
    expect(
      eras.modern.requestHeaders({ method: "tools/call", name: "tööl", paramHeaders: { "Mcp-Param-A": "1" } }),
    ).toEqual({ "mcp-method": "tools/call", "mcp-name": "=?base64?dMO2w7Zs?=", "Mcp-Param-A": "1" });
    expect(eras.modern.requestHeaders({ method: "tools/list" })).toEqual({ "mcp-method": "tools/list" });
  });

  it("never sends a session", () => {
    expect(eras.modern.connectionHeaders({ ...spoken, sessionId: "s" })).toEqual({
      "mcp-protocol-version": "2026-07-28",
    });
  });

  it("takes a result as final only when it says so, or says nothing", () => {
    expect(eras.modern.verdict({})).toEqual({ is: "complete" });
    expect(eras.modern.verdict({ resultType: "complete" })).toEqual({ is: "complete" });
    expect(eras.modern.verdict({ resultType: "task" })).toEqual({ is: "unknown", resultType: '"task"' });
    expect(eras.modern.verdict({ resultType: null })).toEqual({ is: "unknown", resultType: "null" });
    const inputRequests = { b: { method: "sampling/createMessage" }, a: { method: "elicitation/create" }, c: 7 };
    expect(eras.modern.verdict({ resultType: "input_required", inputRequests })).toEqual({
      is: "input_required",
      asked: "elicitation/create, sampling/createMessage, unknown",
    });
  });
});

describe("the legacy era", () => {
  it("sends session and version once they are known", () => {
    expect(eras.legacy.connectionHeaders({ protocolVersion: "" })).toEqual({});
    expect(eras.legacy.connectionHeaders({ protocolVersion: "2025-06-18", sessionId: "s" })).toEqual({
      "mcp-protocol-version": "2025-06-18",
      "mcp-session-id": "s",
    });
  });

  it("sends params as they are, but for a progress token and what travels on", () => {
    const params = '{"name":"t","n":1.0}';
    const extra = { clientCapabilitiesText: "{}", logLevel: "debug" };
    expect(eras.legacy.params(params, spoken, {})).toBe(params);
    expect(eras.legacy.params(params, spoken, extra)).toBe(params);
    expect(eras.legacy.params(params, spoken, { metaText: '{"progressToken":1}' })).toBe(params);
    expect(eras.legacy.params(params, spoken, { ...extra, progressToken: "p-1", metaText: '{"a/b":1.0}' })).toBe(
      '{"_meta":{"a/b":1.0,"progressToken":"p-1"},"name":"t","n":1.0}',
    );
  });

  it("knows no result types", () => {
    expect(eras.legacy.verdict({ resultType: "anything" })).toEqual({ is: "complete" });
  });
});

describe("an introduction", () => {
  it("is read from server/discover, wherever the identity stands", () => {
    const capabilities = { tools: { listChanged: true }, resources: { subscribe: true }, prompts: true };
    const flags = { tools: true, prompts: false, resources: true, completions: false, logging: false, subscribe: true };
    const serverInfo = { name: "n", version: "1" };
    const said = { supportedVersions: ["2099-01-01", "2026-07-28"], capabilities };
    const capabilitiesText = JSON.stringify(capabilities);
    const named = { serverName: "n", serverVersion: "1" };
    const expected = { protocolVersion: "2026-07-28", capabilities: flags, capabilitiesText, ...named };
    const meta = { "io.modelcontextprotocol/serverInfo": serverInfo };
    expect(readDiscovery(JSON.stringify({ ...said, _meta: meta }))).toEqual(expected);
    expect(readDiscovery(JSON.stringify({ ...said, serverInfo }))).toEqual(expected);
  });

  it("is read from initialize, in any version that we speak", () => {
    const said = { protocolVersion: "2024-10-07", capabilities: {}, instructions: "be kind" };
    expect(readGreeting(JSON.stringify(said))).toMatchObject({
      protocolVersion: "2024-10-07",
      instructions: "be kind",
    });
  });

  it("keeps the capabilities as they were written, unless they are absurd", () => {
    const textOf = (capabilities: string) =>
      readGreeting(`{"capabilities": ${capabilities}, "protocolVersion":"2025-11-25"}`)?.capabilitiesText;
    const odd = '{"extensions" : {"a/b":{"n":9007199254740993}},"tools":{}}';
    expect(textOf(odd)).toBe(odd);
    expect(textOf(`{"experimental":{"x":"${"x".repeat(200_000)}"}}`)).toBe("{}");
    expect(textOf("[]")).toBe("{}");
    expect(readGreeting('{"protocolVersion":"2025-11-25"}')?.capabilitiesText).toBe("{}");
  });

  it("is none in a version that we do not speak, or without one", () => {
    expect(readDiscovery('{"supportedVersions":["2099-01-01"]}')).toBeUndefined();
    expect(readDiscovery("{}")).toBeUndefined();
    expect(readGreeting('{"protocolVersion":"2026-07-28"}')).toBeUndefined();
    expect(readGreeting("{}")).toBeUndefined();
  });
});
