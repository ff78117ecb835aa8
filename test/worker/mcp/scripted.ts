/** Servers of either era that answer as the test says, and remember how they were asked. */
import { memberText } from "../../../core/protocol/json-text.ts";
import { connectTo, register, tool, type Body, type FakeServer, type Message } from "../door.ts";
import { legacy } from "./client.ts";

export interface Asked {
  readonly message: Message;
  /** The whole message as it came. */
  readonly text: string;
  readonly headers: Headers;
}

/** What follows `"id":…,` in the answer, or a whole response. */
export type Script = (asked: Asked, count: number) => string | Response | Promise<string | Response>;

export interface Scripted extends FakeServer {
  /** Calls and whatever else the script answers. */
  readonly asked: Asked[];
  /** Notifications, responses, `logging/setLevel`. */
  readonly told: Asked[];
  /** Sessions so far. */
  readonly opened: () => number;
}

const scriptedMethods = new Set(["tools/call", "prompts/get", "resources/read", "completion/complete", "tasks/get"]);

/** With sessions, as most are. */
export function legacyServer(
  host: string,
  script: Script,
  capabilities: object = { tools: {}, logging: {} },
): Scripted {
  return scripted(host, script, () => undefined, capabilities);
}

export function modernServer(host: string, script: Script): Scripted {
  return scripted(host, script, ({ message }) => {
    if (message.method === "initialize") return `"error":{"code":-32601,"message":"no"}`;
    if (message.method === "tools/list") return `"result":{"resultType":"complete","tools":[${tool("act")}],"ttlMs":0}`;
    if (message.method !== "server/discover") return undefined;
    const capabilities = { tools: {}, extensions: { "io.modelcontextprotocol/tasks": {} } };
    const result = { resultType: "complete", supportedVersions: ["2026-07-28"], capabilities };
    return `"result":${JSON.stringify(result)}`;
  });
}

function scripted(
  host: string,
  script: Script,
  opening: (asked: Asked) => string | undefined,
  capabilities: object = {},
): Scripted {
  const asked: Asked[] = [];
  const told: Asked[] = [];
  let sessions = 0;
  return {
    host,
    tools: [tool("act")],
    asked,
    told,
    opened: () => sessions,
    async answer(request, message) {
      if (!message) return undefined as never;
      const one: Asked = { message, text: await request.clone().text(), headers: request.headers };
      const { id, method = "" } = message;
      const opened = opening(one);
      if (opened !== undefined) return spoken(id, opened);
      if (method === "server/discover") return new Response("", { status: 400 });
      if (method === "initialize") return initialized(id, (sessions += 1), capabilities);
      if (scriptedMethods.has(method)) {
        asked.push(one);
        const said = await script(one, asked.length);
        return typeof said === "string" ? spoken(id, said) : said;
      }
      if (id === undefined || method === "" || method === "logging/setLevel") {
        told.push(one);
        return method === "logging/setLevel" ? spoken(id, `"result":{}`) : new Response(null, { status: 202 });
      }
      return undefined as never;
    },
  };
}

function initialized(id: unknown, session: number, capabilities: object): Response {
  const serverInfo = { name: "scripted", version: "1" };
  const result = { protocolVersion: "2025-11-25", capabilities, serverInfo };
  const response = spoken(id, `"result":${JSON.stringify(result)}`);
  response.headers.set("mcp-session-id", `session-${session}`);
  return response;
}

function spoken(id: unknown, outcome: string): Response {
  return new Response(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${outcome}}`, {
    status: outcome.includes("-32601") ? 404 : 200,
    headers: { "content-type": "application/json" },
  });
}

/** An event stream of whole messages. */
export function events(...messages: readonly string[]): Response {
  const body = messages.map((message) => `data: ${message}\n\n`).join("");
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

let count = 0;

/** Registered under an id of its own, since leases outlive a test. */
export interface Served extends Scripted {
  readonly path: string;
}

export async function serve(make: (host: string, script: Script) => Scripted, script: Script): Promise<Served> {
  const id = `scripted${(count += 1)}`;
  const server = make(`${id}.example`, script);
  connectTo(server);
  await register({ id, url: `https://${id}.example/mcp` });
  return Object.assign(server, { path: `/mcp/servers/${id}` });
}

/** A legacy session that can be asked things. */
export async function sessionAt(
  path: string,
  capabilities: object = { elicitation: {}, sampling: {} },
): Promise<Record<string, string>> {
  const clientInfo = { name: "test", version: "1" };
  const opened = await legacy(path, "initialize", { protocolVersion: "2025-11-25", capabilities, clientInfo });
  return { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
}

export const act = { name: "act", arguments: {} };

export function paramsOf(server: Scripted, index: number): string {
  return memberText(server.asked[index]?.text ?? "{}", "params") ?? "";
}

export function metaOf(server: Scripted, index = 0): Body {
  return JSON.parse(memberText(paramsOf(server, index), "_meta") ?? "{}") as Body;
}
