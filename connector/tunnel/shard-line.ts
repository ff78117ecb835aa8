/** The way to one shard: a socket, and after its end another one, for as long as it is wanted. */
import { WebSocket } from "ws";
import { maxFrame, type ConnectorFrame } from "../../core/contract/connector-frames.ts";
import { backoffMs } from "../../core/policies/backoff.ts";
import { why } from "../complaint.ts";
import { refusalWords, type Gateway } from "./ask.ts";
import { TunnelSocket, type Party } from "./socket.ts";

/** Short, since every call for our servers waits meanwhile; the jitter spreads those that lost the same gateway. */
const redial = { baseMs: 200, capMs: 4_000 };
const handshakeMs = 10_000;
/** A socket that lived this long was no failure. */
const wellMs = 5_000;

export interface Refusal {
  readonly status: number;
  readonly words: string;
}

export interface LineWatcher extends Party {
  connected(shard: number): void;
  disconnected(shard: number, reason: string): void;
  /** A dial that failed. */
  refused(shard: number, refusal: Refusal): void;
}

export class ShardLine {
  readonly shard: number;
  readonly #gateway: Gateway;
  readonly #watcher: LineWatcher;
  #socket: TunnelSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  #closed = false;

  constructor(shard: number, gateway: Gateway, watcher: LineWatcher) {
    this.shard = shard;
    this.#gateway = gateway;
    this.#watcher = watcher;
    this.#dial();
  }

  get isWelcome(): boolean {
    return this.#socket?.isWelcome === true;
  }

  send(frame: ConnectorFrame): void {
    this.#socket?.send(frame);
  }

  async close(reason: string): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#socket?.close(reason);
  }

  #dial(): void {
    const { origin, key } = this.#gateway;
    const ws = new WebSocket(`${origin.replace(/^http/, "ws")}/connectors/socket?shard=${this.shard}`, {
      headers: { authorization: `Bearer ${key}` },
      perMessageDeflate: false,
      handshakeTimeout: handshakeMs,
      // Bytes; a character takes four at most.
      maxPayload: maxFrame * 4,
    });
    let refusal: Refusal | undefined;
    ws.once("unexpected-response", (_, response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text = (text + part).slice(0, 4_000)));
      response.once("close", () => {
        const status = response.statusCode ?? 0;
        refusal = { status, words: refusalWords(status, text) };
        this.#failed(refusal);
      });
    });
    ws.once("error", (error) => {
      // After a refusal this is only its echo; after the opening it is the socket's own affair.
      if (!this.#socket && !refusal) this.#failed({ status: 0, words: why(error) });
    });
    ws.once("open", () => this.#opened(ws));
  }

  #opened(ws: WebSocket): void {
    const since = performance.now();
    const socket = new TunnelSocket(ws, this.#watcher);
    this.#socket = socket;
    if (this.#closed) void socket.close("the connector stops");
    else this.#watcher.connected(this.shard);
    void socket.over.then((reason) => {
      this.#socket = undefined;
      if (performance.now() - since > wellMs) this.#attempt = 0;
      if (this.#closed) return;
      this.#watcher.disconnected(this.shard, reason);
      this.#later();
    });
  }

  #failed(refusal: Refusal): void {
    if (this.#closed) return;
    this.#watcher.refused(this.shard, refusal);
    this.#later();
  }

  #later(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.#dial(), backoffMs(this.#attempt++, Math.random(), redial));
  }
}
