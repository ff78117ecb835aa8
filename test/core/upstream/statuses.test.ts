import { describe, expect, it } from "vitest";
import { provesEraChanged, provesNotExecuted } from "../../../core/upstream/exchange.ts";
import { bounds, call, failed, legacyLink, modernLink } from "./asking.ts";
import { answer, errorFor, json, resultFor, serve, status, type Script } from "./scripted-server.ts";

async function failureOf(script: Script, era = legacyLink, within = bounds()) {
  const server = await serve(script);
  return failed(await call(era(server.url), {}, within));
}

describe("a status", () => {
  it("of 5xx says nothing of what ran, even with a JSON-RPC body", async () => {
    for (const code of [500, 502, 503, 504]) {
      expect(await failureOf((_, response) => status(response, code, "<html>"))).toMatchObject({
        code: "server_status",
        status: code,
        execution: "unknown",
      });
    }
    expect(
      await failureOf((heard, response) => status(response, 500, errorFor(heard, -32603, "broken"), json)),
    ).toMatchObject({ code: "server_status", status: 500, evidence: "HTTP 500: broken" });
  });

  it("of 4xx with a JSON-RPC error is that error", async () => {
    const reason = await failureOf((heard, response) => status(response, 400, errorFor(heard, -32602, "bad"), json));
    expect(reason).toMatchObject({ code: "server_error", rpcCode: -32602, rpcMessage: "bad", execution: "unknown" });
    expect(await failureOf((_, response) => status(response, 418))).toMatchObject({
      code: "server_status",
      status: 418,
    });
  });

  it("of 401 and 403 refuses our credential, and ran nothing", async () => {
    for (const code of [401, 403]) {
      expect(await failureOf((_, response) => status(response, code))).toEqual({
        code: "server_refused_credential",
        server: "s1",
        execution: "not_executed",
        status: code,
      });
    }
  });

  it("of 429 asks for patience, in seconds or until a date, and ran nothing", async () => {
    const busy = (after?: string) =>
      failureOf((_, response) => status(response, 429, "", after === undefined ? {} : { "retry-after": after }));
    expect(await busy("7")).toEqual({
      code: "server_busy",
      server: "s1",
      execution: "not_executed",
      retryAfterMs: 7_000,
    });
    expect(await busy()).toMatchObject({ retryAfterMs: 1_000 });
    expect(await busy("soon")).toMatchObject({ retryAfterMs: 1_000 });
    expect(await busy("-5")).toMatchObject({ retryAfterMs: 0 });
    expect(await busy("999999999")).toMatchObject({ retryAfterMs: 3_600_000 });
    const dated = await busy(new Date(Date.now() + 60_000).toUTCString());
    expect(dated.code === "server_busy" && dated.retryAfterMs > 50_000 && dated.retryAfterMs <= 60_000).toBe(true);
  });

  it("of 3xx is never followed", async () => {
    const elsewhere = await serve((heard, response) => answer(response, resultFor(heard)));
    for (const code of [301, 302, 303, 307, 308]) {
      const reason = await failureOf((_, response) => status(response, code, "", { location: elsewhere.url }));
      expect(reason).toMatchObject({ code: "server_redirects", location: elsewhere.url, execution: "unknown" });
    }
    expect(elsewhere.heard).toEqual([]);
  });

  it("of 404 with a session means that the session is lost and nothing ran", async () => {
    const server = await serve((_, response) => status(response, 404));
    const lost = failed(await call(legacyLink(server.url, { sessionId: "abc" })));
    expect(lost).toMatchObject({ code: "session_lost", execution: "not_executed" });
    expect(provesNotExecuted(lost)).toBe(true);
    const absent = failed(await call(legacyLink(server.url)));
    expect(absent).toMatchObject({ code: "server_status", status: 404, execution: "unknown" });
    expect(provesNotExecuted(absent)).toBe(false);
  });

  it("of 400 in the transport's own words loses a session too", async () => {
    for (const [code, words] of [
      [-32000, "Bad Request: No valid session ID provided"],
      [-32000, "Bad Request: Server not initialized"],
      [-32600, "Bad Request: Missing session ID"],
      [-32001, "Session not found"],
    ] as const) {
      const server = await serve((heard, response) => status(response, 400, errorFor(heard, code, words), json));
      const reason = failed(await call(legacyLink(server.url, { sessionId: "abc" })));
      expect(reason).toMatchObject({ code: "session_lost", execution: "not_executed" });
    }
  });

  it("of 400 in a tool's words about its own sessions does not", async () => {
    const words = "the browser session crashed after the click";
    const server = await serve((heard, response) => status(response, 400, errorFor(heard, -32000, words), json));
    const reason = failed(await call(legacyLink(server.url, { sessionId: "abc" })));
    expect(reason).toMatchObject({ code: "server_error", execution: "unknown" });
  });
});

describe("a server that changed eras", () => {
  it("refuses the version, which ran nothing", async () => {
    for (const era of [legacyLink, modernLink]) {
      const reason = await failureOf(
        (heard, response) => status(response, 400, errorFor(heard, -32022, "no", '{"supported":["2099-01-01"]}'), json),
        era,
      );
      expect(reason).toMatchObject({
        code: "server_error",
        rpcCode: -32022,
        rpcData: '{"supported":["2099-01-01"]}',
        execution: "not_executed",
      });
      expect(provesEraChanged(reason)).toBe(true);
    }
  });

  it("refuses the transport, which ran nothing", async () => {
    const words = "Bad Request: Unsupported protocol version: 2026-07-28";
    const refused = await failureOf(
      (_, response) =>
        status(response, 400, `{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"${words}"}}`, json),
      modernLink,
    );
    expect(refused).toMatchObject({ code: "server_status", status: 400, execution: "not_executed" });
    expect(provesEraChanged(refused)).toBe(true);
    expect(provesEraChanged(await failureOf((_, response) => status(response, 405)))).toBe(true);
  });

  it("is not suspected of it for mirrored headers, bad arguments or a broken body", async () => {
    const mismatch = await failureOf(
      (heard, response) => status(response, 400, errorFor(heard, -32020, "headers"), json),
      modernLink,
    );
    expect(mismatch).toMatchObject({ code: "server_error", execution: "not_executed" });
    expect(provesEraChanged(mismatch)).toBe(false);
    const late = await failureOf((heard, response) => answer(response, errorFor(heard, -32022, "in band")), modernLink);
    expect(late).toMatchObject({ code: "server_error", execution: "unknown" });
    expect(provesEraChanged(late)).toBe(false);
    expect(provesEraChanged(await failureOf((_, response) => status(response, 400, "bad")))).toBe(false);
    expect(provesEraChanged(await failureOf((_, response) => status(response, 503)))).toBe(false);
  });
});

describe("evidence", () => {
  it("never holds our credential, even when the server echoes it", async () => {
    const headers = { Authorization: "Bearer s3cr3t-value", "X-Key": "another-s3cr3t" };
    const server = await serve((heard, response) =>
      status(
        response,
        500,
        errorFor(heard, -1, `${heard.headers.authorization} s3cr3t-value ${String(heard.headers["x-key"])}`),
        json,
      ),
    );
    const reason = failed(await call(legacyLink(server.url, { headers })));
    expect(reason).toMatchObject({ code: "server_status", status: 500 });
    expect(JSON.stringify(reason)).not.toContain("s3cr3t");
  });
});
