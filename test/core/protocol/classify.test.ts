import { describe, expect, it } from "vitest";
import { classifyRequest } from "../../../core/protocol/classify.ts";

const version = "io.modelcontextprotocol/protocolVersion";

function classify(body: unknown, headerVersion?: string) {
  return classifyRequest(
    new Headers(headerVersion === undefined ? {} : { "MCP-Protocol-Version": headerVersion }),
    body,
  );
}

function ask(method: string, params?: unknown, id: unknown = 1) {
  return { jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) };
}

function claiming(claim: unknown) {
  return { name: "t", _meta: { [version]: claim } };
}

describe("a request", () => {
  it("is modern when its body names a version, whatever the version", () => {
    for (const claim of ["2026-07-28", "2099-01-01", "2025-11-25", 7, null]) {
      expect(classify(ask("tools/call", claiming(claim)))).toEqual({
        is: "request",
        era: "modern",
        method: "tools/call",
        params: claiming(claim),
      });
    }
  });

  it("is legacy without a claim, also with other _meta and with a legacy header", () => {
    expect(classify(ask("tools/list"))).toEqual({ is: "request", era: "legacy", method: "tools/list", params: {} });
    const _meta = { progressToken: 1, "io.modelcontextprotocol/clientInfo": {} };
    expect(classify(ask("tools/list", { _meta }), "2025-11-25")).toMatchObject({ era: "legacy" });
    expect(classify(ask("tools/list", {}, "a"), "2024-10-07")).toMatchObject({ is: "request", era: "legacy" });
  });

  it("is legacy when it initializes, unless it claims to be modern", () => {
    expect(classify(ask("initialize", { protocolVersion: "2026-07-28" }))).toMatchObject({ era: "legacy" });
    expect(classify(ask("initialize", claiming("2025-11-25")), "2025-11-25")).toMatchObject({ era: "legacy" });
    expect(classify(ask("initialize", claiming("2026-07-28")))).toMatchObject({ era: "modern" });
  });

  it("that only its header calls modern is refused, not served as legacy", () => {
    for (const params of [undefined, {}, { _meta: {} }, { _meta: [] }]) {
      for (const header of ["2026-07-28", "2099-01-01", "v999.0.0"]) {
        expect(classify(ask("tools/list", params), header)).toMatchObject({
          is: "refused",
          error: { code: -32602, status: 400, message: expect.stringContaining(version) as unknown },
        });
      }
    }
    expect(classify(ask("initialize", {}), "2026-07-28")).toMatchObject({ error: { code: -32602 } });
  });

  it("whose header contradicts its claim is refused", () => {
    for (const header of ["2025-11-25", "2099-01-01"]) {
      expect(classify(ask("tools/list", claiming("2026-07-28")), header)).toMatchObject({
        error: { code: -32020, status: 400 },
      });
    }
    expect(classify(ask("tools/list", claiming("2026-07-28")), "2026-07-28")).toMatchObject({ era: "modern" });
  });
});

describe("a notification", () => {
  it("is what its body says, or else its header", () => {
    const cancelled = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
    expect(classify(cancelled)).toMatchObject({ is: "notification", era: "legacy", params: { requestId: 1 } });
    expect(classify(cancelled, "2025-06-18")).toMatchObject({ is: "notification", era: "legacy" });
    expect(classify(cancelled, "2026-07-28")).toMatchObject({ is: "notification", era: "modern" });
    expect(classify({ ...cancelled, params: claiming("2026-07-28") })).toMatchObject({ era: "modern" });
  });
});

describe("a response", () => {
  it("is taken from legacy clients only", () => {
    for (const body of [
      { jsonrpc: "2.0", id: "s", result: {} },
      { jsonrpc: "2.0", id: 7, error: { code: -1, message: "no" } },
    ]) {
      expect(classify(body)).toEqual({ is: "response" });
      expect(classify(body, "2025-11-25")).toEqual({ is: "response" });
      expect(classify(body, "2026-07-28")).toMatchObject({ error: { code: -32600, status: 400 } });
    }
  });
});

describe("what is no JSON-RPC message", () => {
  it("is refused as one", () => {
    const wrong: unknown[] = [
      null,
      "x",
      7,
      {},
      { jsonrpc: "1.0", id: 1, method: "ping" },
      { jsonrpc: "2.0", id: 1, method: 7 },
      { jsonrpc: "2.0", id: 1 },
      { jsonrpc: "2.0", id: 1, result: {}, error: {} },
      { jsonrpc: "2.0", id: 1, result: "x" },
      { jsonrpc: "2.0", result: {} },
      ask("ping", {}, null),
      ask("ping", {}, 1.5),
      ask("ping", {}, Number.POSITIVE_INFINITY),
      ask("ping", {}, {}),
    ];
    for (const body of wrong) {
      expect([body, classify(body)]).toMatchObject([body, { is: "refused", error: { code: -32600, status: 400 } }]);
    }
    for (const params of [[], "x", null]) {
      expect(classify(ask("ping", params))).toMatchObject({ error: { code: -32602, status: 400 } });
    }
  });

  it("may be a batch, of either era and any size", () => {
    for (const batch of [[], [ask("ping")], [ask("ping"), ask("tools/list", claiming("2026-07-28"))]]) {
      expect(classify(batch)).toMatchObject({ is: "refused", error: { code: -32600, status: 400 } });
    }
  });
});
