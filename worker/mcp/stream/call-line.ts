/**
 * The line to a client while its call is answered. What is said waits until the line is opened as a stream; a call that
 * says nothing and ends soon never opens it. A legacy session's stream may be taken up again elsewhere: handover.ts.
 */
import { Cancellation } from "../../../core/upstream/cancellation.ts";
import type { Line } from "../rpc-call.ts";
import { callEventId, endEventId, streamName } from "./event-id.ts";
import { EventStream } from "./event-stream.ts";

/** How soon a client that lost its stream may come back. */
export const retryMs = 1_000;
/** How long a call goes on for a client that has gone and may come back. Workers give work after a disconnect 30 s. */
const graceMs = 20_000;
/** Said and kept for who comes back, in messages and in characters. */
const mostKept = 256;
const mostKeptSize = 2_000_000;

export interface Told {
  readonly event: number;
  /** Absent in the last: it ended without an answer. */
  readonly text?: string;
  readonly isLast: boolean;
}

/** Where a stream goes on that its client has taken up again. It says `delivered` or `lost` when it knows. */
export type Onward = (told: Told) => void;

export interface LineKind {
  readonly carries: boolean;
  /** Of a request in a legacy session: its id, by which the stream is found again. */
  readonly idText?: string;
  /** Called when something was said that must not wait for the answer. */
  readonly onSpoken: () => void;
}

export class CallLine implements Line {
  readonly carries: boolean;
  readonly signal = new Cancellation();
  readonly #idText: string | undefined;
  readonly #onSpoken: () => void;
  readonly #kept: Told[] = [];
  #stream: string | undefined;
  #over: PromiseWithResolvers<void> | undefined;
  #isOver = false;
  #keptSize = 0;
  #events = 0;
  #isLate = false;
  #whenLate: (() => void)[] = [];
  #isOpen = false;
  #isFinished = false;
  #out: EventStream | undefined;
  #onward: Onward | undefined;
  #grace: ReturnType<typeof setTimeout> | undefined;

  constructor({ carries, idText, onSpoken }: LineKind) {
    this.carries = carries;
    this.#idText = idText;
    this.#onSpoken = onSpoken;
  }

  get stream(): string {
    return (this.#stream ??= streamName());
  }

  get isCancelled(): boolean {
    return this.signal.aborted;
  }

  /** Resolves when the call has ended and nobody will come for anything any more. */
  get over(): Promise<void> {
    this.#over ??= Promise.withResolvers<void>();
    if (this.#isOver) this.#over.resolve();
    return this.#over.promise;
  }

  whenLate(then: () => void): void {
    if (this.#isLate) then();
    else this.#whenLate.push(then);
  }

  /** It has lasted for `lateMs`. */
  late(): void {
    this.#isLate = true;
    for (const then of this.#whenLate.splice(0)) then();
  }

  send(messageText: string): void {
    if (!this.carries || this.#isFinished) return;
    this.#tell({ event: this.#events + 1, text: messageText, isLast: false });
    this.#onSpoken();
  }

  /** From here on the answer is a stream of events. */
  open(): ReadableStream<Uint8Array> {
    const out = new EventStream(() => this.lost());
    this.#out = out;
    this.#isOpen = true;
    // The first bytes: an id to come back by, or a comment, so that the client sees at once that it is heard.
    if (this.#idText === undefined) out.comment();
    else out.mark(callEventId(this.stream, 0, this.#idText), retryMs);
    for (const told of this.#kept) this.#write(out, told);
    if (this.#isFinished) out.end();
    return out.body;
  }

  /** The answer, or nothing when the client has cancelled. Of a line that was never opened, the answer goes elsewhere. */
  finish(text: string | undefined): void {
    if (this.#isFinished) return;
    this.#tell({ event: this.#events + 1, ...(text === undefined ? {} : { text }), isLast: true });
    this.#isFinished = true;
    this.#out?.end();
    if (!this.#onward && this.#grace === undefined) this.#end();
  }

  /** The client has cancelled, or has gone for good. */
  abort(): void {
    this.#stopGrace();
    this.signal.abort();
    if (this.#isFinished) this.#end();
  }

  /** Nobody reads any more, as far as can be told. */
  lost(): void {
    this.#stopGrace();
    this.#out = undefined;
    this.#onward = undefined;
    // It can only come back by the id of an event.
    if (this.#idText === undefined || !this.#isOpen) return this.abort();
    this.#grace = setTimeout(() => this.abort(), graceMs);
  }

  /** Who took the stream up has got the last of it. */
  delivered(): void {
    this.#end();
  }

  /** What came after `event`, and all that comes, goes where the client listens now; false when some of it is lost. */
  moveTo(event: number, onward: Onward): boolean {
    const first = this.#kept[0]?.event ?? this.#events + 1;
    if (event > this.#events || first > event + 1) return false;
    this.#stopGrace();
    const out = this.#out;
    this.#out = undefined;
    this.#onward = onward;
    out?.end();
    for (const told of this.#kept) if (told.event > event) onward(told);
    return true;
  }

  #end(): void {
    this.#isOver = true;
    this.#over?.resolve();
  }

  #stopGrace(): void {
    clearTimeout(this.#grace);
    this.#grace = undefined;
  }

  #tell(told: Told): void {
    this.#events = told.event;
    this.#keep(told);
    if (this.#onward) this.#onward(told);
    else if (this.#out) this.#write(this.#out, told);
  }

  #write(out: EventStream, { event, text, isLast }: Told): void {
    const id = this.#idText;
    if (text === undefined) {
      // Who finds a stream ended without an answer comes back for it, unless its last id says not to.
      if (id !== undefined) out.mark(endEventId(this.stream), retryMs);
    } else if (id === undefined) out.event(text);
    else out.event(text, isLast ? endEventId(this.stream) : callEventId(this.stream, event, id));
  }

  /** What nobody can come back for is kept only until the line is opened. */
  #keep(told: Told): void {
    if (this.#isOpen && this.#idText === undefined) return;
    this.#kept.push(told);
    this.#keptSize += told.text?.length ?? 0;
    while (this.#isOpen && this.#kept.length > 1 && (this.#kept.length > mostKept || this.#keptSize > mostKeptSize)) {
      this.#keptSize -= this.#kept.shift()?.text?.length ?? 0;
    }
  }
}
