/**
 * A stream of server-sent events to a client (WHATWG HTML, 9.2). workerd tells that a client has left only when
 * something is written to it, so a comment goes out every five seconds.
 */
const beatMs = 5_000;
/** What a client may leave unread, in bytes, before it counts as gone when more is to be said. One event may be larger. */
const mostUnread = 4 * 1024 * 1024;

const encoder = new TextEncoder();

export const eventStreamHeaders = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  // Proxies such as nginx would hold events back to fill a buffer.
  "x-accel-buffering": "no",
} as const;

export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #onGone: () => void;
  readonly #beat: ReturnType<typeof setInterval>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /** `onGone`: the client left before the end. */
  constructor(onGone: () => void) {
    this.#onGone = onGone;
    this.#beat = setInterval(() => this.#isFull() || this.comment(), beatMs);
    this.body = new ReadableStream<Uint8Array>(
      { start: (controller) => void (this.#controller = controller), cancel: () => this.#leave() },
      new ByteLengthQueuingStrategy({ highWaterMark: mostUnread }),
    );
  }

  event(text: string, id?: string): void {
    // JSON may be written over several lines; a line that is not marked as data would not be data.
    const data = /[\r\n]/.test(text) ? text.split(/\r\n|\r|\n/).join("\ndata: ") : text;
    this.#write(`${id === undefined ? "" : `id: ${id}\n`}data: ${data}\n\n`);
  }

  /** An event without data: it says only where the stream is, and after how long to come back to it (SEP-1699). */
  mark(id: string, retryMs: number): void {
    this.#write(`id: ${id}\nretry: ${retryMs}\ndata:\n\n`);
  }

  comment(): void {
    this.#write(":\n\n");
  }

  end(): void {
    const controller = this.#closed();
    try {
      controller?.close();
    } catch {
      // Cancelled in this very moment.
    }
  }

  #write(text: string): void {
    const controller = this.#controller;
    if (!controller) return;
    if (this.#isFull()) {
      controller.error(new Error("the client does not read"));
      return this.#leave();
    }
    controller.enqueue(encoder.encode(text));
  }

  /** What is unread then is being written, so a client that has left is noticed without a comment. */
  #isFull(): boolean {
    return (this.#controller?.desiredSize ?? 0) <= 0;
  }

  #leave(): void {
    if (this.#closed()) this.#onGone();
  }

  #closed(): ReadableStreamDefaultController<Uint8Array> | undefined {
    clearInterval(this.#beat);
    const controller = this.#controller;
    this.#controller = undefined;
    return controller;
  }
}
