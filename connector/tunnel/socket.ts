/** One WebSocket to one shard, from its opening to its end. */
import type { WebSocket } from "ws";
import { gatewayFrameSchema, type ConnectorFrame, type GatewayFrame } from "../../core/contract/connector-frames.ts";
import { frameText, readFrame } from "../../core/protocol/connector-frames.ts";
import type { Reply, Request } from "../local-server.ts";
import { TunnelExchange } from "./exchange.ts";

const pingEveryMs = 20_000;
const pongWithinMs = 10_000;

export type Welcome = Extract<GatewayFrame, { t: "welcome" }>;

/** Whom a socket speaks for. */
export interface Party {
  hello(): ConnectorFrame;
  welcomed(welcome: Welcome): void;
  /** The gateway has no such server, or not from us. */
  unwanted(server: string, why: string): void;
  serve(server: string, request: Request, reply: Reply): void;
}

export class TunnelSocket {
  /** Settles with the reason when it is over. */
  readonly over: Promise<string>;
  isWelcome = false;
  readonly #ws: WebSocket;
  readonly #party: Party;
  readonly #exchanges = new Map<number, TunnelExchange>();
  readonly #pinging: NodeJS.Timeout;
  #silence: NodeJS.Timeout | undefined;
  #lastId = 0;
  #why = "";

  constructor(ws: WebSocket, party: Party) {
    this.#ws = ws;
    this.#party = party;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.over = promise;
    ws.on("message", (data, isBinary) => this.#hear(textOf(data), isBinary));
    ws.on("error", (error) => (this.#why ||= error.message));
    ws.on("close", (code, reason) => {
      this.#settle();
      resolve(this.#why || reason.toString() || `closed with code ${code}`);
    });
    this.#pinging = setInterval(() => this.#ping(), pingEveryMs);
    this.send(party.hello());
  }

  send(head: ConnectorFrame, payload = ""): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.send(frameText(head, payload));
  }

  /** Says goodbye, and does not wait long for an answer. */
  async close(why: string): Promise<void> {
    this.#ws.close(1001, why);
    const impatient = setTimeout(() => this.#ws.terminate(), 500);
    await this.over;
    clearTimeout(impatient);
  }

  #break(code: number, why: string): void {
    this.#why ||= why;
    this.#ws.close(code, why.slice(0, 120));
    // What comes after a breach means nothing.
    setTimeout(() => this.#ws.terminate(), 500).unref();
  }

  #settle(): void {
    clearInterval(this.#pinging);
    clearTimeout(this.#silence);
    for (const exchange of this.#exchanges.values()) exchange.abandon();
  }

  #ping(): void {
    this.#ws.send("ping");
    this.#silence ??= setTimeout(() => {
      this.#why ||= "the gateway has gone silent";
      this.#ws.terminate();
    }, pongWithinMs);
  }

  #hear(text: string, isBinary: boolean): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
    if (text === "pong" || this.#ws.readyState !== this.#ws.OPEN) return;
    const frame = isBinary ? undefined : readFrame<GatewayFrame>(text, gatewayFrameSchema);
    if (!frame) return this.#break(1007, "an unreadable frame");
    const { head, payload } = frame;
    if (head.t === "open") return this.#open(head, payload);
    if (head.t === "welcome") {
      this.isWelcome = true;
      return this.#party.welcomed(head);
    }
    if (head.t === "stop") return this.#party.unwanted(head.server, head.why);
    // What is about an exchange that is over crossed its end on the way.
    const exchange = this.#exchanges.get(head.id);
    if (head.id > this.#lastId) return this.#break(1002, `a frame for exchange ${head.id}, which was not opened`);
    if (head.t === "cancel") exchange?.abandon();
    else if (head.t === "credit") exchange?.grant(head.chars);
    else if (exchange) this.#continue(exchange, head, payload);
  }

  #open(head: Extract<GatewayFrame, { t: "open" }>, payload: string): void {
    const { id, n, end, server, method, headers } = head;
    if (id <= this.#lastId) return this.#break(1002, `exchange ${id} opened out of order`);
    this.#lastId = id;
    const exchange = new TunnelExchange(
      { id, server, method, headers },
      (frame, text) => this.send(frame, text),
      () => this.#exchanges.delete(id),
    );
    this.#exchanges.set(id, exchange);
    this.#continue(exchange, { id, n, end }, payload);
  }

  #continue(exchange: TunnelExchange, { id, n, end }: { id: number; n: number; end: boolean }, payload: string): void {
    if (!exchange.take(n, payload, end)) return this.#break(1002, `exchange ${id} has a gap before frame ${n}`);
    if (!end || !this.#exchanges.has(id)) return;
    const { server, method, headers } = exchange.opening;
    this.#party.serve(server, { method, headers, body: exchange.body() }, exchange);
  }
}

function textOf(data: unknown): string {
  return Buffer.isBuffer(data) ? data.toString("utf8") : String(data);
}
