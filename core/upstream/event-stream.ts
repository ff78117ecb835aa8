/** Events of one response body, pulled one at a time, within bounds. */
import type { EventSourceMessage } from "eventsource-parser";
import { sseReader, type SseFault, type SseReader } from "../protocol/sse.ts";

/** Comments, framing and notifications that may come on top of the largest answer. */
const slackBytes = 65_536;
const maxEvents = 100_000;
const maxEventsEndless = 1_000_000;
const patienceMs = 5;

export type Pulled =
  | { readonly is: "event"; readonly event: EventSourceMessage }
  | { readonly is: "end" }
  | { readonly is: "fault"; readonly fault: SseFault };

export function isEventStream(response: Response): boolean {
  return /^\s*text\/event-stream\s*(?:;|$)/i.test(response.headers.get("content-type") ?? "");
}

export class EventStream {
  bytes: number;
  /** The last id that came with an event: where the stream may be taken up again. */
  lastEventId: string | undefined;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #sse: SseReader;
  readonly #maxBytes: number;
  #waiting: EventSourceMessage[] = [];
  #next = 0;

  /** `before`: the stream that this one takes up again; they share the bounds. `endless`: bounds per event only. */
  constructor(response: Response, maxAnswerBytes: number, before?: EventStream, endless = false) {
    this.#reader = response.body?.getReader();
    const maxEventBytes = maxAnswerBytes + slackBytes;
    this.#maxBytes = endless ? Number.POSITIVE_INFINITY : maxEventBytes;
    this.bytes = before?.bytes ?? 0;
    this.lastEventId = before?.lastEventId;
    const limits = { maxEventBytes, maxEvents: endless ? maxEventsEndless : maxEvents };
    this.#sse = sseReader(limits, (event) => this.#waiting.push(event));
  }

  get retryMs(): number | undefined {
    return this.#sse.retryMs;
  }

  /** Throws what the stream throws. */
  async next(): Promise<Pulled> {
    let fault: SseFault | undefined;
    for (;;) {
      const event = this.#waiting[this.#next];
      if (event) {
        this.#next++;
        this.lastEventId = event.id ?? this.lastEventId;
        return { is: "event", event };
      }
      if (fault) return { is: "fault", fault };
      this.#waiting = [];
      this.#next = 0;
      const read = await this.#reader?.read();
      if (!read || read.done) return { is: "end" };
      this.bytes += read.value.length;
      fault = this.bytes > this.#maxBytes ? "too_large" : this.#sse.push(read.value);
    }
  }

  /**
   * Nothing more is wanted. Most servers end the stream right behind the answer; read to its end, the connection
   * serves the next call and spares it a handshake, which is worth a moment's wait.
   */
  async finish(): Promise<void> {
    const patience = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => patience.resolve(undefined), patienceMs);
    const ended = await Promise.race([this.#reader?.read().catch(() => undefined), patience.promise]);
    clearTimeout(timer);
    if (ended?.done !== true) this.close();
  }

  /** Closes the server's side, too. */
  close(): void {
    this.#reader?.cancel().catch(() => undefined);
  }
}
