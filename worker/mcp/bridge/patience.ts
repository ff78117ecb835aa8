/**
 * How long a call may take. A server has its own time to answer; once it has asked the client something, people are
 * part of it, and the call lasts as long as the client waits.
 */
import type { Failure } from "../../../core/contract/failure.ts";
import { failure, type Outcome } from "../../../core/contract/outcome.ts";
import { Cancellation } from "../../../core/upstream/cancellation.ts";
import { lateMs, type Line } from "../rpc-call.ts";

export class Patience {
  /** Aborts when the server's time is over, or the client is gone. */
  readonly signal = new Cancellation();
  readonly #line: Line;
  readonly #timeoutMs: number;
  readonly #leave = (): void => this.signal.abort();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #isWaived = false;

  constructor(timeoutMs: number, line: Line) {
    this.#timeoutMs = timeoutMs;
    this.#line = line;
    if (line.signal.aborted) this.#leave();
    else line.signal.addEventListener("abort", this.#leave);
    const endsAt = Date.now() + timeoutMs;
    if (timeoutMs <= 2 * lateMs) this.#arm(endsAt);
    else line.whenLate(() => this.#arm(endsAt));
  }

  /** The server has asked something: from here on only the client's own deadline counts. */
  waive(): void {
    this.#isWaived = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** To be called when the call is over. */
  stop(): void {
    this.waive();
    this.#line.signal.removeEventListener("abort", this.#leave);
  }

  /** What looks like a client that left was our own patience. */
  judge<T>(outcome: Outcome<T>, server: string): Outcome<T> {
    if (outcome.ok || !this.#isOver) return outcome;
    const timedOut: Failure = { code: "server_timeout", server, execution: "unknown", timeoutMs: this.#timeoutMs };
    return failure(timedOut);
  }

  #arm(endsAt: number): void {
    if (this.#isWaived) return;
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, endsAt - Date.now()));
  }

  #expire(): void {
    this.#isOver = true;
    this.signal.abort();
  }
}
