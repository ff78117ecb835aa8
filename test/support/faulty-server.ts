/** A healthy MCP server until it is told to misbehave; it writes down everything that arrives. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { close, listen, readBody, toyTools } from "./fleet-simulator.ts";
import { ToyServer, type ToyAnswer, type ToyEras } from "./toy-server.ts";

/** Each sees the answer a healthy server would give; the tool has run by then, unless it says otherwise. */
const faults = {
  /** Headers never come. */
  hang: async () => undefined,
  /** The answer comes byte by byte, far too slowly. */
  drip: async (response, answer) => {
    response.writeHead(answer.status, answer.headers);
    for (const byte of answer.body) {
      if (response.destroyed) return;
      response.write(byte);
      await pause(1_000);
    }
    response.end();
  },
  /** The connection is reset after the tool ran. */
  reset: async (response) => void response.socket?.resetAndDestroy(),
  garbage: async (response) => send(response, 200, json, "\u0000\u0001 this is not JSON {{{"),
  html502: async (response) => send(response, 502, html, "<html><body><h1>502 Bad Gateway</h1></body></html>"),
  html200: async (response) => send(response, 200, html, "<html><body>Please log in</body></html>"),
  empty200: async (response) => send(response, 200, json, ""),
  truncatedJson: async (response, answer) => {
    response.writeHead(200, { ...json, "Content-Length": Buffer.byteLength(answer.body) });
    response.write(answer.body.slice(0, answer.body.length / 2));
    response.socket?.end();
  },
  /** Well-formed HTTP whose JSON stops half-way. */
  halfJson: async (response, answer) => send(response, 200, json, answer.body.slice(0, answer.body.length / 2)),
  truncatedSse: async (response, answer) =>
    send(response, 200, eventStream, `event: message\ndata: ${answer.body.slice(0, answer.body.length / 2)}`),
  /** A stream that ends without the answer. */
  emptySse: async (response) => send(response, 200, eventStream, ": nothing to say\n\n"),
  wrongId: async (response, answer) => send(response, 200, json, answer.body.replace(/"id":[^,}]+/, '"id":"another"')),
  oversized: async (response, answer) =>
    send(response, 200, json, answer.body.replace(/"text":"/, `"text":"${"x".repeat(20 * 1024 * 1024)}`)),
  /** 100 MB that come without a word of how many they will be. */
  huge: async (response, answer) => {
    const from = answer.body.indexOf('"text":"') + '"text":"'.length;
    response.writeHead(200, json);
    response.write(answer.body.slice(0, from));
    for (let sent = 0; sent < 100; sent += 1) {
      if (response.destroyed) return;
      await new Promise((resolve) => response.write(megabyte, resolve));
    }
    response.end(answer.body.slice(from));
  },
  session404: async (response) =>
    send(response, 404, json, '{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}'),
  status401: async (response) => send(response, 401, { "WWW-Authenticate": "Bearer" }, "who are you?"),
  status429: async (response) => send(response, 429, { "Retry-After": "1" }, "not so fast"),
  status503: async (response) => send(response, 503, {}, "later"),
  redirect: async (response) => send(response, 307, { Location: "http://127.0.0.1:9/elsewhere" }, ""),
} satisfies Record<string, (response: ServerResponse, answer: ToyAnswer) => Promise<void>>;

export type Fault = keyof typeof faults;

/** Refused at the door: with these the tool does not run. */
const notExecuted: readonly Fault[] = ["session404", "status401", "status429", "status503", "redirect", "html502"];

export interface Arrival {
  readonly at: number;
  readonly method: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The JSON-RPC method, when there is one. */
  readonly rpc: string;
}

export interface FaultySettings {
  readonly name?: string;
  /** A free one when left out. */
  readonly port?: number;
  readonly eras?: ToyEras;
  readonly tools?: number;
}

export interface FaultyServer {
  readonly url: string;
  readonly toy: ToyServer;
  readonly arrivals: Arrival[];
  /** From now on: this fault, on these JSON-RPC methods (tools/call when left out), this many times. */
  misbehave(fault: Fault, on?: readonly string[], times?: number): void;
  behave(): void;
  /** Requests that are neither answered nor given up by who sent them. */
  waiting(): number;
  /** How often a JSON-RPC method arrived. */
  count(rpc: string): number;
  stop(): Promise<void>;
}

export async function startFaultyServer(settings: FaultySettings = {}): Promise<FaultyServer> {
  const toy = new ToyServer(settings.name ?? "faulty", toyTools(settings.tools ?? 3), settings.eras);
  const arrivals: Arrival[] = [];
  const open = new Set<ServerResponse>();
  let plan: { readonly fault: Fault; readonly on: readonly string[]; left: number } | undefined;

  const server = createServer((request, response) => {
    open.add(response);
    response.once("close", () => open.delete(response));
    void readBody(request).then(async (body) => {
      const { method = "GET", headers } = request;
      const rpc = /"method":"([^"]+)"/.exec(body)?.[1] ?? "";
      arrivals.push({ at: Date.now(), method, headers, body, rpc });
      const fault = plan && plan.left > 0 && plan.on.includes(rpc) ? plan.fault : undefined;
      if (plan && fault !== undefined) plan.left -= 1;
      if (fault === "session404") toy.sessions.clear();
      const answer =
        fault !== undefined && notExecuted.includes(fault)
          ? { status: 200, headers: {}, body: "" }
          : toy.answer({ method, headers, body });
      if (fault !== undefined) await faults[fault](response, answer);
      else send(response, answer.status, answer.headers, answer.body);
    });
  });
  const port = await listen(server, settings.port);
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    toy,
    arrivals,
    misbehave: (fault, on = ["tools/call"], times = Number.POSITIVE_INFINITY) => (plan = { fault, on, left: times }),
    behave: () => (plan = undefined),
    waiting: () => open.size,
    count: (rpc) => arrivals.filter((arrival) => arrival.rpc === rpc).length,
    stop: () => close(server),
  };
}

const megabyte = Buffer.alloc(1024 * 1024, "x");
const json = { "Content-Type": "application/json" };
const html = { "Content-Type": "text/html; charset=utf-8" };
const eventStream = { "Content-Type": "text/event-stream" };

function send(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body: string): void {
  response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}
