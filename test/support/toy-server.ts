/** A small MCP server as a function of one HTTP request: both eras, JSON answers, no sockets. Others give it one. */
import { randomUUID } from "node:crypto";

export type ToyEras = "legacy" | "modern" | "both";

export interface ToyTool {
  readonly name: string;
  readonly description: string;
  readonly readOnly?: boolean;
}

export interface ToyRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface ToyAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Message {
  readonly id?: string | number;
  readonly method: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: Readonly<Record<string, unknown>>;
    readonly protocolVersion?: string;
    readonly cursor?: string;
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
}

const modernVersion = "2026-07-28";
const legacyVersions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const versionKey = "io.modelcontextprotocol/protocolVersion";

export class ToyServer {
  readonly name: string;
  readonly tools: readonly ToyTool[];
  readonly eras: ToyEras;
  readonly sessions = new Set<string>();
  /** Calls that ran, by tool. */
  readonly executions = new Map<string, number>();
  /** Told of each call that ran, before it is answered. */
  onExecuted: ((tool: string, given: Readonly<Record<string, unknown>>) => void) | undefined;
  readonly #pageSize: number;

  constructor(name: string, tools: readonly ToyTool[], eras: ToyEras = "legacy", pageSize = 50) {
    this.name = name;
    this.tools = tools;
    this.eras = eras;
    this.#pageSize = pageSize;
  }

  get executed(): number {
    return [...this.executions.values()].reduce((sum, count) => sum + count, 0);
  }

  answer(request: ToyRequest): ToyAnswer {
    if (request.method === "DELETE" && this.eras !== "modern") {
      return plain(this.sessions.delete(sessionOf(request)) ? 200 : 404);
    }
    if (request.method !== "POST") return plain(405);
    const message = JSON.parse(request.body) as Message;
    const isModern = message.params?._meta?.[versionKey] !== undefined;
    return isModern ? this.#modern(request, message) : this.#legacy(request, message);
  }

  #legacy(request: ToyRequest, message: Message): ToyAnswer {
    if (this.eras === "modern") {
      return refusal(400, message.id, -32022, "Unsupported protocol version", { supported: [modernVersion] });
    }
    if (message.method === "initialize") return this.#initialize(message);
    const session = sessionOf(request);
    if (session === "") return refusal(400, null, -32000, "Bad Request: Mcp-Session-Id header is required");
    if (!this.sessions.has(session)) return refusal(404, null, -32001, "Session not found");
    if (message.id === undefined) return plain(202);
    if (message.method === "ping") return result(message.id, {});
    return this.#both(message, 200);
  }

  #initialize(message: Message): ToyAnswer {
    const asked = message.params?.protocolVersion ?? "";
    const session = randomUUID();
    this.sessions.add(session);
    const body = {
      protocolVersion: legacyVersions.includes(asked) ? asked : "2025-11-25",
      capabilities: { tools: { listChanged: false } },
      serverInfo: { name: this.name, version: "1.0.0" },
    };
    const answer = result(message.id, body);
    return { ...answer, headers: { ...answer.headers, "Mcp-Session-Id": session } };
  }

  #modern(request: ToyRequest, message: Message): ToyAnswer {
    if (this.eras === "legacy") {
      return refusal(400, null, -32000, "Bad Request: Server not initialized");
    }
    const wanted = { version: header(request, "mcp-protocol-version"), method: header(request, "mcp-method") };
    const name = message.method === "tools/call" ? message.params?.name : undefined;
    if (
      wanted.version !== modernVersion ||
      wanted.method !== message.method ||
      header(request, "mcp-name") !== (name ?? "")
    ) {
      return refusal(400, message.id, -32020, "Header mismatch");
    }
    if (message.id === undefined) return plain(202);
    if (message.method !== "server/discover") return this.#both(message, 404);
    return result(message.id, {
      resultType: "complete",
      supportedVersions: [modernVersion],
      capabilities: { tools: {} },
      ttlMs: 60_000,
      cacheScope: "public",
      _meta: { "io.modelcontextprotocol/serverInfo": { name: this.name, version: "1.0.0" } },
    });
  }

  #both(message: Message, unknownStatus: number): ToyAnswer {
    const modern = unknownStatus === 404;
    if (message.method === "tools/list")
      return result(message.id, { ...this.#page(message), ...(modern && cacheable) });
    if (message.method !== "tools/call") return refusal(unknownStatus, message.id, -32601, "Method not found");
    const tool = this.tools.find(({ name }) => name === message.params?.name);
    if (!tool) return refusal(modern ? 400 : 200, message.id, -32602, `Unknown tool: ${message.params?.name}`);
    this.executions.set(tool.name, (this.executions.get(tool.name) ?? 0) + 1);
    this.onExecuted?.(tool.name, message.params?.arguments ?? {});
    const said = { server: this.name, tool: tool.name, arguments: message.params?.arguments ?? {} };
    const content = [{ type: "text", text: JSON.stringify(said) }];
    return result(message.id, { ...(modern && { resultType: "complete" }), content });
  }

  #page(message: Message): object {
    const from = Number(message.params?.cursor ?? 0);
    const tools = this.tools.slice(from, from + this.#pageSize).map(({ name, description, readOnly }) => ({
      name,
      description,
      inputSchema: { type: "object", properties: { text: { type: "string" } } },
      ...(readOnly === true && { annotations: { readOnlyHint: true } }),
    }));
    const next = from + this.#pageSize;
    return { tools, ...(next < this.tools.length && { nextCursor: String(next) }) };
  }
}

const cacheable = { resultType: "complete", ttlMs: 60_000, cacheScope: "public" };

function header(request: ToyRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
}

function sessionOf(request: ToyRequest): string {
  return header(request, "mcp-session-id");
}

function json(status: number, body: unknown): ToyAnswer {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

function plain(status: number): ToyAnswer {
  return { status, headers: {}, body: "" };
}

function result(id: Message["id"], value: object): ToyAnswer {
  return json(200, { jsonrpc: "2.0", id, result: value });
}

function refusal(status: number, id: Message["id"] | null, code: number, message: string, data?: object): ToyAnswer {
  return json(status, { jsonrpc: "2.0", id: id ?? null, error: { code, message, ...(data && { data }) } });
}
