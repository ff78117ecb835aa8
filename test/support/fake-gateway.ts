/** The gateway's end of the tunnel, and nothing else of a gateway: what the connector sees of it, driven by hand. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { connectorFrameSchema, type ConnectorFrame, type OfferedServer } from "../../core/contract/connector-frames.ts";
import { frameText, partsOf, readFrame } from "../../core/protocol/connector-frames.ts";
import { parseJson } from "../../scripts/start/json.ts";
import { readBody } from "./fleet-simulator.ts";

export interface FakeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export type Ended =
  | (FakeAnswer & { readonly is: "answered" })
  | { readonly is: "failed"; readonly sent: boolean; readonly reason: string }
  | { readonly is: "lost" };

export interface FakeExchange {
  readonly id: number;
  readonly ended: Promise<Ended>;
  /** What has come so far. */
  readonly heard: () => string;
  readonly head: () => { readonly status: number; readonly headers: Readonly<Record<string, string>> } | undefined;
  cancel(): void;
  grant(chars: number): void;
}

interface Open {
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
  next: number;
  isHeaded: boolean;
  readonly grants: boolean;
  readonly settle: (ended: Ended) => void;
}

export class FakeSocket {
  readonly shard: number;
  readonly frames: ConnectorFrame[] = [];
  readonly states = new Map<string, OfferedServer>();
  closed: { readonly code: number; readonly reason: string } | undefined;
  pings = 0;
  readonly #ws: WebSocket;
  readonly #open = new Map<number, Open>();
  #id = 0;

  constructor(ws: WebSocket, shard: number) {
    this.shard = shard;
    this.#ws = ws;
    ws.on("message", (data: Buffer) => this.#hear(data.toString("utf8")));
    ws.on("error", () => undefined);
    ws.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      for (const { settle } of this.#open.values()) settle({ is: "lost" });
    });
  }

  get name(): string | undefined {
    const hello = this.frames.find((frame) => frame.t === "hello");
    return hello?.t === "hello" ? hello.name : undefined;
  }

  welcome(shards: readonly number[], revision: number): void {
    this.raw(frameText({ t: "welcome", shard: this.shard, shards, revision }));
  }

  raw(text: string): void {
    this.#ws.send(text);
  }

  drop(): void {
    this.#ws.terminate();
  }

  /** `grants`: credit is given as the answer comes, as a reader that keeps up would. */
  open(
    server: string,
    method: "POST" | "GET" | "DELETE",
    {
      body = "",
      headers = {},
      grants = true,
    }: { body?: string; headers?: Record<string, string>; grants?: boolean } = {},
  ): FakeExchange {
    this.#id += 1;
    const id = this.#id;
    const { promise: ended, resolve: settle } = Promise.withResolvers<Ended>();
    const open: Open = { status: 0, headers: {}, text: "", next: 0, isHeaded: false, grants, settle };
    this.#open.set(id, open);
    let n = 0;
    for (const { part, end } of partsOf(body)) {
      const head = n === 0 ? { t: "open", id, n, server, method, headers, end } : { t: "body", id, n, end };
      this.raw(frameText(head, part));
      n += 1;
    }
    return {
      id,
      ended,
      heard: () => open.text,
      head: () => (open.isHeaded ? { status: open.status, headers: open.headers } : undefined),
      cancel: () => this.raw(frameText({ t: "cancel", id })),
      grant: (chars) => this.raw(frameText({ t: "credit", id, chars })),
    };
  }

  #hear(text: string): void {
    if (text === "ping") {
      this.pings += 1;
      return this.raw("pong");
    }
    const frame = readFrame<ConnectorFrame>(text, connectorFrameSchema);
    if (!frame) throw new Error(`unreadable: ${text.slice(0, 100)}`);
    const { head, payload } = frame;
    this.frames.push(head);
    if (head.t === "hello") for (const server of head.servers) this.states.set(server.id, server);
    else if (head.t === "state") this.states.set(head.server.id, head.server);
    else if (head.t !== "credit") this.#continue(head, payload);
  }

  #continue(head: Extract<ConnectorFrame, { t: "head" | "body" | "fail" }>, payload: string): void {
    const open = this.#open.get(head.id);
    if (!open) return;
    if (head.t === "fail") {
      this.#open.delete(head.id);
      return open.settle({ is: "failed", sent: head.sent, reason: head.reason });
    }
    if (head.n !== open.next) throw new Error(`frame ${head.n} came, ${open.next} is next`);
    open.next += 1;
    if (head.t === "head") Object.assign(open, { status: head.status, headers: head.headers, isHeaded: true });
    open.text += payload;
    if (open.grants && !head.end && payload.length > 0)
      this.raw(frameText({ t: "credit", id: head.id, chars: payload.length }));
    if (!head.end) return;
    this.#open.delete(head.id);
    open.settle({ is: "answered", status: open.status, headers: open.headers, text: open.text });
  }
}

export interface FakeGateway {
  readonly url: string;
  /** Every socket there was, the newest last. */
  readonly sockets: FakeSocket[];
  /** Bodies of POST /connectors. */
  readonly registrations: unknown[];
  /** What the next registrations are answered with instead. */
  refuse(refusal: { readonly status: number; readonly detail: string } | undefined): void;
  /** Ids that are registered as something else. */
  readonly taken: Set<string>;
  setShards(shards: readonly number[], revision: number): void;
  socket(shard?: number): FakeSocket;
  stop(): Promise<void>;
}

export const fakeKey = "patchbay_fake";

export async function startFakeGateway(port = 0, firstShards: readonly number[] = [1]): Promise<FakeGateway> {
  let shards = firstShards;
  let revision = 1;
  let refusal: { readonly status: number; readonly detail: string } | undefined;
  const sockets: FakeSocket[] = [];
  const registrations: unknown[] = [];
  const taken = new Set<string>();
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const body = parseJson(text) as { name: string; servers: readonly { id: string }[] };
      registrations.push(body);
      const wrong =
        refusal ?? (request.headers.authorization === `Bearer ${fakeKey}` ? undefined : { status: 401, detail: "no" });
      if (wrong) {
        response.writeHead(wrong.status).end(JSON.stringify({ detail: wrong.detail }));
        return;
      }
      const servers = body.servers.map(({ id }) =>
        taken.has(id)
          ? { id, shard: 1, status: "refused", problem: { code: "conflict", detail: "It is registered as http." } }
          : { id, shard: 1, status: "registered" },
      );
      response.end(JSON.stringify({ name: body.name, shards, revision, servers }));
    });
  });
  const ws = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const shard = Number(new URL(request.url ?? "", "http://x").searchParams.get("shard"));
    if (!shards.includes(shard)) {
      socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    ws.handleUpgrade(request, socket, head, (opened) => {
      const one = new FakeSocket(opened, shard);
      sockets.push(one);
      one.welcome(shards, revision);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    registrations,
    taken,
    refuse: (next) => (refusal = next),
    setShards(next, nextRevision) {
      [shards, revision] = [next, nextRevision];
      for (const socket of sockets) if (!socket.closed) socket.welcome(shards, revision);
    },
    socket(shard = 1) {
      const found = sockets.findLast((one) => one.shard === shard && !one.closed);
      if (!found) throw new Error(`no socket of shard ${shard}`);
      return found;
    },
    async stop() {
      for (const socket of sockets) socket.drop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
