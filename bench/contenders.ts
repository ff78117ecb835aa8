/** Who is measured: each with one request that it is sent again and again. */
import type { FastServer } from "./fast-server.ts";
import type { Shot } from "./load.ts";
import type { Stage } from "./stage.ts";

export const contenders = ["a", "b", "c", "modern", "legacy"] as const;
export type Contender = (typeof contenders)[number];

const expect = "quick brown fox";
const call = { name: "echo", arguments: { line: "hello" } };
const accept = "application/json, text/event-stream";
const modernVersion = "2026-07-28";
const legacyVersion = "2025-11-25";
const clientInfo = { name: "bench", version: "1" };

/** The server is there twice, once in each era, so that a client of either speaks its own era all the way. */
export async function prepare(on: Stage, server: FastServer): Promise<Record<Contender, Shot>> {
  await admin(on, "POST", "/servers?wait=ready", { id: "fast", url: server.url });
  await admin(on, "POST", "/servers?wait=ready", { id: "fast-modern", url: server.modernUrl });
  const made = await admin(on, "POST", "/keys", {
    name: "bench",
    scopes: ["tools:call"],
    limit: { perMinute: 10_000_000, burst: 1_000_000 },
  });
  const authorization = `Bearer ${String(made["key"])}`;
  const relayed = {
    host: "127.0.0.1",
    path: "/",
    headers: { accept },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: call }),
    expect,
  };
  return {
    a: { ...relayed, port: on.worker },
    b: { ...relayed, port: on.object },
    c: {
      host: "127.0.0.1",
      port: on.gateway,
      path: "/call",
      headers: { authorization },
      body: JSON.stringify({ tool: "fast__echo", arguments: call.arguments }),
      expect,
    },
    modern: { ...modernDoor(on.gateway, authorization, "tools/call", { ...call, name: "fast-modern__echo" }), expect },
    legacy: { ...(await legacyDoor(on.gateway, authorization, "tools/call", { ...call, name: "fast__echo" })), expect },
  };
}

type Knock = Omit<Shot, "expect">;

/** A modern client's request at /mcp. */
export function modernDoor(
  port: number,
  authorization: string,
  method: string,
  more: Readonly<Record<string, unknown>>,
): Knock {
  const prefix = "io.modelcontextprotocol/";
  const _meta = {
    [`${prefix}protocolVersion`]: modernVersion,
    [`${prefix}clientInfo`]: clientInfo,
    [`${prefix}clientCapabilities`]: {},
  };
  const { name } = more;
  const mirrored = { "mcp-method": method, ...(typeof name === "string" ? { "mcp-name": name } : {}) };
  return {
    host: "127.0.0.1",
    port,
    path: "/mcp",
    headers: { authorization, accept, "mcp-protocol-version": modernVersion, ...mirrored },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...more, _meta } }),
  };
}

/** A legacy client's request at /mcp, in a session of its own. */
export async function legacyDoor(
  port: number,
  authorization: string,
  method: string,
  more: Readonly<Record<string, unknown>>,
): Promise<Knock> {
  const params = { protocolVersion: legacyVersion, capabilities: {}, clientInfo };
  const opened = await fetch(`http://127.0.0.1:${port}/mcp`, {
    method: "POST",
    headers: { authorization, accept, "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params }),
  });
  const session = opened.headers.get("mcp-session-id");
  if (session === null) throw new Error(`initialize: ${opened.status} ${await opened.text()}`);
  return {
    host: "127.0.0.1",
    port,
    path: "/mcp",
    headers: { authorization, accept, "mcp-session-id": session, "mcp-protocol-version": legacyVersion },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: more }),
  };
}

export async function admin(on: Stage, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${on.gateway}${path}`, {
    method,
    headers: { authorization: `Bearer ${on.rootKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}
