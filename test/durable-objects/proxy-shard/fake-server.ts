/** Remote MCP servers as a shard meets them: legacy Streamable HTTP behind a faked `fetch`, one per host name. */
import { vi } from "vitest";

export interface FakeTool {
  readonly name: string;
  readonly description?: string;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

interface Message {
  readonly id?: unknown;
  readonly method: string;
  readonly params?: { readonly capabilities?: unknown };
}

type Mood = "well" | "refusing" | "failing" | "busy" | "hanging";

/** `forgetSessions` is what a restart of a real server does. */
export class FakeServer {
  readonly host: string;
  tools: readonly FakeTool[];
  mood: Mood = "well";
  initializes = 0;
  lists = 0;
  readonly seenHeaders: Headers[] = [];
  readonly ended: string[] = [];
  /** Opens no second session, as many simple servers do not. */
  isSingle = false;
  /** What `initialize` was told of the client, each time. */
  readonly told: unknown[] = [];
  readonly #sessions = new Set<string>();

  constructor(host: string, tools: readonly (FakeTool | string)[]) {
    this.host = host;
    this.tools = tools.map((tool) => (typeof tool === "string" ? { name: tool } : tool));
  }

  get url(): string {
    return `https://${this.host}/mcp`;
  }

  /** The latest. */
  get session(): string | undefined {
    return [...this.#sessions].at(-1);
  }

  forgetSessions(): void {
    this.#sessions.clear();
  }

  async answer(request: Request): Promise<Response> {
    this.seenHeaders.push(request.headers);
    while (this.mood === "hanging") await pause(request.signal);
    if (this.mood === "refusing") throw new TypeError("Network connection lost.");
    if (this.mood === "failing") return new Response("out of order", { status: 503 });
    if (this.mood === "busy") return new Response("later", { status: 429, headers: { "retry-after": "1" } });
    const session = request.headers.get("mcp-session-id");
    if (request.method === "DELETE") {
      this.ended.push(session ?? "");
      return new Response(null, { status: 204 });
    }
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const { id, method, params } = await request.json<Message>();
    if (method === "initialize") return this.#initialize(id, params?.capabilities);
    if (session === null) return refusal(400, -32000, "Bad Request: Server not initialized");
    if (!this.#sessions.has(session)) return refusal(404, -32001, "Session not found");
    if (id === undefined) return new Response(null, { status: 202 });
    if (method !== "tools/list") return reply({ id, error: { code: -32601, message: "Method not found" } });
    this.lists += 1;
    const tools = this.tools.map((tool) => ({ ...tool, inputSchema: { type: "object" } }));
    return reply({ id, result: { tools } });
  }

  #initialize(id: unknown, capabilities: unknown): Response {
    if (this.isSingle && this.#sessions.size > 0) return refusal(400, -32600, "Server already initialized");
    this.initializes += 1;
    this.told.push(capabilities);
    const session = `session-${this.host}-${this.initializes}`;
    this.#sessions.add(session);
    const serverInfo = { name: `fake ${this.host}`, version: "1.0.0" };
    const result = { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo };
    return reply({ id, result }, { "mcp-session-id": session });
  }
}

/** What goes over the wire: counted, so that a test can say how much of it there was at once. */
export interface Wire {
  readonly dials: number;
  readonly mostAtOnce: number;
}

/** From here on `fetch` reaches these servers and nothing else. */
export function connectTo(...servers: readonly FakeServer[]): Wire {
  const wire = { dials: 0, now: 0, mostAtOnce: 0 };
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const server = servers.find(({ host }) => host === new URL(request.url).host);
    wire.dials += 1;
    wire.now += 1;
    wire.mostAtOnce = Math.max(wire.mostAtOnce, wire.now);
    try {
      // A real network never answers within the same turn.
      await scheduler.wait(1);
      if (server === undefined) throw new TypeError(`no fake server at ${request.url}`);
      return await server.answer(request);
    } finally {
      wire.now -= 1;
    }
  });
  return wire;
}

async function pause(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await scheduler.wait(5);
}

function reply(message: Readonly<Record<string, unknown>>, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json({ jsonrpc: "2.0", ...message }, { headers });
}

function refusal(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: "2.0", id: null, error: { code, message } }, { status });
}
