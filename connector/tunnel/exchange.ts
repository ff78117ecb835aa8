/** One HTTP exchange of a socket: a request in parts, an answer within the credit that the gateway has given. */
import { firstCredit, maxFrame, type ConnectorFrame } from "../../core/contract/connector-frames.ts";
import type { Headers, Reply, Request } from "../local-server.ts";

/** In characters. No call has arguments of that size. */
const largestRequest = 33_554_432;
/** Leaves room for the head. */
const largestPart = maxFrame - 16_384;

export type Send = (head: ConnectorFrame, payload?: string) => void;

export interface Opening extends Omit<Request, "body"> {
  readonly id: number;
  readonly server: string;
}

export class TunnelExchange implements Reply {
  readonly opening: Opening;
  gone = false;
  waiting = 0;
  readonly #send: Send;
  readonly #closed: () => void;
  #received: string[] = [];
  #receivedLength = 0;
  #nextIn = 0;
  #nextOut = 0;
  #credit = firstCredit;
  #head: { readonly status: number; readonly headers: Headers } | undefined;
  #queue: string[] = [];
  #complete = false;
  #over = false;
  #whenGone: (() => void) | undefined;
  #whenSent: (() => void) | undefined;

  constructor(opening: Opening, send: Send, closed: () => void) {
    this.opening = opening;
    this.#send = send;
    this.#closed = closed;
  }

  /** The next part of the request. False: it is not the next one. */
  take(n: number, part: string, end: boolean): boolean {
    if (n !== this.#nextIn) return false;
    this.#nextIn += 1;
    if (this.#over) return true;
    this.#received.push(part);
    this.#receivedLength += part.length;
    if (this.#receivedLength > largestRequest) {
      this.fail(false, `the request has more than ${largestRequest} characters`);
    } else if (!end && part.length > 0) this.#send({ t: "credit", id: this.opening.id, chars: part.length });
    return true;
  }

  /** The whole request's body, once. */
  body(): string {
    const text = this.#received.length === 1 ? (this.#received[0] ?? "") : this.#received.join("");
    this.#received = [];
    return text;
  }

  grant(chars: number): void {
    this.#credit += chars;
    const before = this.waiting;
    this.#pump();
    if (this.waiting < before) this.#whenSent?.();
  }

  /** The gateway's caller, or the whole socket, has gone. */
  abandon(): void {
    if (this.#over) return;
    this.gone = true;
    this.#finish();
    this.#whenGone?.();
  }

  onGone(act: () => void): void {
    this.#whenGone = act;
  }

  onSent(act: () => void): void {
    this.#whenSent = act;
  }

  answer(status: number, headers: Headers, body: string): void {
    if (this.#over) return;
    this.#head = { status, headers };
    this.#complete = true;
    this.#put(body);
  }

  begin(status: number, headers: Headers): void {
    if (this.#over) return;
    this.#head = { status, headers };
    this.#pump();
  }

  write(text: string): void {
    if (!this.#over) this.#put(text);
  }

  end(): void {
    if (this.#over) return;
    this.#complete = true;
    this.#pump();
  }

  fail(sent: boolean, reason: string): void {
    if (this.#over) return;
    this.#send({ t: "fail", id: this.opening.id, sent, reason: reason.slice(0, 1_000) });
    this.#finish();
  }

  #put(text: string): void {
    if (text !== "") this.#queue.push(text);
    this.waiting += text.length;
    this.#pump();
  }

  #finish(): void {
    this.#over = true;
    this.#queue = [];
    this.#received = [];
    this.waiting = 0;
    this.#closed();
  }

  #pump(): void {
    while (!this.#over) {
      const part = this.#nextPart();
      if (part === "" && this.waiting > 0) return;
      const end = this.#complete && this.waiting === 0;
      if (part === "" && !end && !this.#head) return;
      this.#sendPart(part, end);
      if (end) this.#finish();
      else if (this.waiting === 0) return;
    }
  }

  #sendPart(part: string, end: boolean): void {
    const n = this.#nextOut++;
    const { id } = this.opening;
    if (this.#head) this.#send({ t: "head", id, n, ...this.#head, end }, part);
    else this.#send({ t: "body", id, n, end }, part);
    this.#head = undefined;
  }

  /** As much as may be sent now, in one frame; empty when nothing may. Pairs of surrogates stay together. */
  #nextPart(): string {
    if (this.waiting === 0 || this.#credit === 0) return "";
    const text = this.#queue.length === 1 ? (this.#queue[0] ?? "") : this.#queue.join("");
    let to = Math.min(text.length, this.#credit, largestPart);
    if (to < text.length && to > 0 && isHighSurrogate(text.charCodeAt(to - 1))) to -= 1;
    this.#credit -= to;
    this.waiting = text.length - to;
    this.#queue = this.waiting === 0 ? [] : [text.slice(to)];
    return text.slice(0, to);
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd8_00 && code <= 0xdb_ff;
}
