/** One connector's socket: who it is, what it offers, and the exchanges under way on it. */
import {
  connectorFrameSchema,
  maxFrame,
  type ConnectorFrame,
  type GatewayFrame,
  type OfferedServer,
} from "../../../core/contract/connector-frames.ts";
import { frameText, readFrame } from "../../../core/protocol/connector-frames.ts";
import { NotSent } from "../../../core/upstream/not-sent.ts";
import { Exchange, type Request } from "./exchange.ts";
import type { Offering } from "./offer-rows.ts";

/** What hibernation keeps of a socket beside the socket. */
export interface Badge {
  /** Empty until it has said hello. */
  readonly name: string;
  readonly keyId: string;
  readonly connectedAt: number;
}

/** Of the connector's frames, those that are about itself and not about an exchange. */
export type Word = Extract<ConnectorFrame, { t: "hello" | "state" }>;

const mostExchanges = 512;
const [tooLarge, notAFrame, outOfOrder] = [1009, 1007, 1002];

/**
 * Ids count up per socket. Those of an object that was hibernating meanwhile are not known any more, so counting goes
 * on from the clock, in hundredths of a millisecond.
 */
let lastId = 0;
function nextId(): number {
  lastId = Math.max(lastId + 1, Date.now() * 100);
  return lastId;
}

export class ConnectorSocket {
  readonly socket: WebSocket;
  badge: Badge;
  version = "";
  readonly #offers = new Map<string, OfferedServer>();
  readonly #exchanges = new Map<number, Exchange>();
  readonly #left: (connector: ConnectorSocket) => void;
  #hasClosed = false;

  /** `left` is called once, when nothing comes over the socket any more, whoever closed it. */
  constructor(socket: WebSocket, badge: Badge, left: (connector: ConnectorSocket) => void, offering?: Offering) {
    this.socket = socket;
    this.#left = left;
    this.badge = badge;
    if (offering) this.introduce(badge, offering);
  }

  introduce(badge: Badge, { version, servers }: Offering): void {
    this.badge = badge;
    this.version = version;
    this.#offers.clear();
    for (const server of servers) this.#offers.set(server.id, server);
  }

  get exchanges(): number {
    return this.#exchanges.size;
  }

  get offers(): readonly OfferedServer[] {
    return [...this.#offers.values()];
  }

  offer(server: string): OfferedServer | undefined {
    return this.#offers.get(server);
  }

  change(server: OfferedServer): void {
    this.#offers.set(server.id, server);
  }

  withdraw(server: string): void {
    this.#offers.delete(server);
  }

  /** Throws `NotSent` when it cannot be. */
  open(request: Request): Exchange {
    if (this.#hasClosed) throw new NotSent(`connector ${this.badge.name} is gone`);
    if (this.#exchanges.size >= mostExchanges) {
      throw new NotSent(`${mostExchanges} exchanges are under way with connector ${this.badge.name}`, Date.now(), true);
    }
    const exchange = new Exchange(nextId(), {
      send: (frame) => this.#send(frame),
      done: (id) => void this.#exchanges.delete(id),
    });
    this.#exchanges.set(exchange.id, exchange);
    exchange.begin(request);
    return exchange;
  }

  say(frame: Extract<GatewayFrame, { t: "welcome" | "stop" }>): void {
    this.#send(frameText(frame));
  }

  /** What it says of itself; undefined when the message was about an exchange, or made us hang up. */
  hear(message: string | ArrayBuffer): Word | undefined {
    if (typeof message !== "string") return this.close(notAFrame, "a frame is text");
    if (message.length > maxFrame) return this.close(tooLarge, `a frame holds ${maxFrame} characters at most`);
    const frame = readFrame(message, connectorFrameSchema);
    if (frame === undefined) return this.close(notAFrame, "not a frame of a connector");
    const { head, payload } = frame;
    if (head.t === "hello" || head.t === "state") return head;
    // One that was cancelled may have been answered before the connector heard of it.
    const exchange = this.#exchanges.get(head.id);
    if (exchange && !obey(exchange, head, payload)) {
      this.close(outOfOrder, `frame of exchange ${head.id} out of order or beyond its credit`);
    }
    return undefined;
  }

  close(code: number, reason: string): undefined {
    this.lost(reason);
    try {
      this.socket.close(code, reason.slice(0, 120));
    } catch {
      // It was closed already.
    }
  }

  /** Nothing comes over it any more. */
  lost(reason: string): void {
    if (this.#hasClosed) return;
    this.#hasClosed = true;
    const { name } = this.badge;
    for (const exchange of this.#exchanges.values()) exchange.lost(`connector ${name} is gone (${reason})`);
    this.#left(this);
  }

  #send(frame: string): void {
    if (this.#hasClosed) return;
    try {
      this.socket.send(frame);
    } catch (error) {
      this.lost(String(error));
    }
  }
}

function obey(exchange: Exchange, head: Exclude<ConnectorFrame, Word>, payload: string): boolean {
  if (head.t === "head") return exchange.heardHead(head, payload);
  if (head.t === "body") return exchange.heardBody(head.n, payload, head.end);
  if (head.t === "credit") exchange.credited(head.chars);
  else exchange.failed(head);
  return true;
}
