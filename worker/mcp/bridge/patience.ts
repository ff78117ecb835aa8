/**
 * How long a call may take. A server has its own time to answer; once it has asked the client something, people are
 * part of it, and the call lasts as long as the client waits.
 */
import type { Failure } from "../../../core/contract/failure.ts";
import { failure, type Outcome } from "../../../core/contract/outcome.ts";
import { Cancellation, type CancelSignal } from "../../../core/upstream/cancellation.ts";

export class Patience {
  /** Aborts when the server's time is over, or the client is gone. */
  readonly signal = new Cancellation();
  readonly #client: CancelSignal;
  readonly #timeoutMs: number;
  readonly #leave = (): void => this.signal.abort();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(timeoutMs: number, client: CancelSignal) {
    this.#timeoutMs = timeoutMs;
    this.#client = client;
    if (client.aborted) this.#leave();
    else client.addEventListener("abort", this.#leave);
    this.#timer = setTimeout(() => this.#expire(), timeoutMs);
  }

  /** The server has asked something: from here on only the client's own deadline counts. */
  waive(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** To be called when the call is over. */
  stop(): void {
    this.waive();
    this.#client.removeEventListener("abort", this.#leave);
  }

  /** What looks like a client that left was our own patience. */
  judge<T>(outcome: Outcome<T>, server: string): Outcome<T> {
    if (outcome.ok || !this.#isOver) return outcome;
    const timedOut: Failure = { code: "server_timeout", server, execution: "unknown", timeoutMs: this.#timeoutMs };
    return failure(timedOut);
  }

  #expire(): void {
    this.#isOver = true;
    this.signal.abort();
  }
}
