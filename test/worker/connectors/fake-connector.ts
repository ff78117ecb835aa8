/** A connector as the gateway meets it: sockets to every shard, and servers that answer as the test wants. */
import { exports } from "cloudflare:workers";
import { expect } from "vitest";
import { gatewayFrameSchema, type GatewayFrame } from "../../../core/contract/connector-frames.ts";
import { frameText, partsOf, readFrame } from "../../../core/protocol/connector-frames.ts";
import { ask, origin, rootKey, type Body } from "../door.ts";

/** One exchange, as the connector sees it. */
export class Carried {
  readonly server: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  body = "";
  /** Characters that may still be sent. */
  credit = 262_144;
  isCancelled = false;
  readonly id: number;
  readonly #line: Line;
  #frames = 0;

  constructor(line: Line, { id, server, method, headers }: Extract<GatewayFrame, { t: "open" }>) {
    this.#line = line;
    this.id = id;
    this.server = server;
    this.method = method;
    this.headers = headers;
  }

  get message(): Body {
    return JSON.parse(this.body) as Body;
  }

  head(status: number, headers: Readonly<Record<string, string>>, text = "", end = true): void {
    this.#line.send({ t: "head", id: this.id, n: this.#frames++, status, headers, end }, text);
    this.credit -= text.length;
  }

  part(text: string, end = false): void {
    this.#line.send({ t: "body", id: this.id, n: this.#frames++, end }, text);
    this.credit -= text.length;
  }

  fail(sent: boolean, reason: string): void {
    this.#line.send({ t: "fail", id: this.id, sent, reason });
  }

  /** The result of the request in the body. */
  result(result: unknown): void {
    const { id } = this.message;
    this.json(JSON.stringify({ jsonrpc: "2.0", id, result }));
  }

  json(text: string, headers: Readonly<Record<string, string>> = {}): void {
    const parts = [...partsOf(text)];
    for (const [index, { part, end }] of parts.entries()) {
      if (index === 0) this.head(200, { "content-type": "application/json", ...headers }, part, end);
      else this.part(part, end);
    }
  }
}

/** One socket. */
export class Line {
  readonly socket: WebSocket;
  readonly welcomes: Extract<GatewayFrame, { t: "welcome" }>[] = [];
  readonly stops: string[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly carried = new Map<number, Carried>();
  /** Whether it lets the gateway send on when it has read some of a long request. */
  grants = true;

  constructor(socket: WebSocket, serve: Serve) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => this.#hear(String(data), serve));
    socket.addEventListener("close", ({ code, reason }) => void (this.closed = { code, reason }));
    socket.accept();
  }

  send(head: object, text = ""): void {
    this.socket.send(frameText(head, text));
  }

  /** Whether a request that says this has begun to come in. */
  hasOpened(word: string): boolean {
    return [...this.carried.values()].some(({ body }) => body.includes(word));
  }

  #hear(message: string, serve: Serve): void {
    const frame = readFrame(message, gatewayFrameSchema);
    if (frame === undefined) throw new Error(`not a frame of a gateway: ${message.slice(0, 200)}`);
    const { head, payload } = frame;
    if (head.t === "welcome") this.welcomes.push(head);
    else if (head.t === "stop") this.stops.push(head.server);
    else if (head.t === "open") {
      const carried = new Carried(this, head);
      this.carried.set(head.id, carried);
      this.#take(carried, payload, head.end, serve);
    } else {
      const carried = this.carried.get(head.id);
      if (carried === undefined) return;
      if (head.t === "credit") carried.credit += head.chars;
      else if (head.t === "cancel") carried.isCancelled = true;
      else this.#take(carried, payload, head.end, serve);
    }
  }

  #take(carried: Carried, text: string, end: boolean, serve: Serve): void {
    carried.body += text;
    if (end) serve(carried);
    else if (this.grants) this.send({ t: "credit", id: carried.id, chars: text.length });
  }
}

export type Serve = (carried: Carried) => void;

/** Answers as a legacy server with these tools does; `call` sees what the rest does not answer. */
export function mcp(tools: readonly string[], call: Serve, session = "s1"): Serve {
  return (carried) => {
    if (carried.method !== "POST") return carried.head(405, {});
    const { method, id } = carried.message;
    if (method === "initialize") {
      const serverInfo = { name: carried.server, version: "1.0.0" };
      const result = { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo };
      return carried.json(JSON.stringify({ jsonrpc: "2.0", id, result }), { "mcp-session-id": session });
    }
    if (method === "server/discover") {
      const error = { code: -32601, message: "Method not found" };
      return carried.head(404, { "content-type": "application/json" }, JSON.stringify({ jsonrpc: "2.0", id, error }));
    }
    if (carried.headers["mcp-session-id"] !== session) return carried.head(404, {});
    if (method === "notifications/initialized") return carried.head(202, {});
    if (method === "tools/list") {
      return carried.result({ tools: tools.map((name) => ({ name, inputSchema: { type: "object" } })) });
    }
    return call(carried);
  };
}

/** Says what it was called with. */
export const echo: Serve = (carried) => {
  if (carried.message["id"] === undefined) return carried.head(202, {});
  carried.result({ content: [{ type: "text", text: carried.body }] });
};

export interface Connected {
  readonly name: string;
  readonly lines: Map<number, Line>;
  close(): void;
}

export interface Wish {
  readonly name?: string;
  readonly key?: string;
  readonly servers: Readonly<Record<string, Serve>>;
  readonly state?: string;
  readonly reason?: string;
}

export async function introduce({ name = "laptop", key = rootKey, servers }: Wish): Promise<Body> {
  const said = await ask("/connectors", {
    key,
    json: { name, servers: Object.keys(servers).map((id) => ({ id })) },
  });
  expect(said.status, said.text).toBe(200);
  return said.body;
}

export async function openLine(shard: number | string, key: string = rootKey): Promise<Response> {
  return exports.default.fetch(`${origin}/connectors/socket?shard=${shard}`, {
    headers: { upgrade: "websocket", authorization: `Bearer ${key}` },
  });
}

export async function openAndGreet(shard: number, wish: Wish): Promise<Line> {
  const { name = "laptop", servers, state = "ready", reason = "" } = wish;
  const response = await openLine(shard, wish.key);
  expect(response.status, "the socket opens").toBe(101);
  const { webSocket } = response;
  if (webSocket === null) expect.unreachable("no socket");
  const line = new Line(webSocket, (carried) => servers[carried.server]?.(carried));
  const offered = Object.keys(servers).map((id) => ({ id, state, reason, since: 1 }));
  line.send({ t: "hello", name, version: "1.2.3", servers: offered });
  await until(() => line.welcomes.length > 0);
  return line;
}

/** Registers its servers, opens a socket to each shard, says hello. */
export async function connect(wish: Wish): Promise<Connected> {
  const { shards } = await introduce(wish);
  const lines = new Map<number, Line>();
  for (const shard of shards as number[]) lines.set(shard, await openAndGreet(shard, wish));
  return {
    name: wish.name ?? "laptop",
    lines,
    close() {
      for (const { socket } of lines.values()) socket.close(1000, "bye");
    },
  };
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries > 1_000) expect.unreachable("it never came to that");
    await scheduler.wait(5);
  }
}

export async function untilState(id: string, state: string): Promise<Body> {
  let view: Body = {};
  await until(async () => {
    view = (await ask(`/servers/${id}`)).body;
    return view["state"] === state;
  });
  return view;
}
