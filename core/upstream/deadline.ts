/**
 * One deadline over a whole exchange. A timer of our own that is cleared: AbortSignal.timeout costs workerd
 * three times as much and holds its timer until it fires (docs/decisions/0004-own-wire-layer.md).
 */
import type { Bounds } from "./link.ts";

export interface Deadline {
  /** Aborts when the time is over or the client is gone. Made when first looked at: it costs more than the timer. */
  readonly signal: AbortSignal;
  /** Settles when the time is over. */
  readonly over: Promise<void>;
  readonly timeoutMs: number;
  expired(): boolean;
  /** To be called when the exchange is over, whatever came of it. */
  stop(): void;
}

const longestTimerMs = 2 ** 31 - 1;

/** Undefined when the time is over already. */
export function startDeadline(bounds: Bounds): Deadline | undefined {
  const timeoutMs = Math.min(bounds.deadlineAt - Date.now(), longestTimerMs);
  if (timeoutMs <= 0) return undefined;
  const client = bounds.signal;
  const { promise: over, resolve } = Promise.withResolvers<void>();
  let controller: AbortController | undefined;
  let expired = false;
  const expire = () => {
    expired = true;
    controller?.abort();
    resolve();
  };
  const leave = () => controller?.abort();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const arm = () => {
    if (!stopped) timer = setTimeout(expire, Math.max(0, bounds.deadlineAt - Date.now()));
  };
  // Who listens for as long as it lasts needs no timer.
  if (bounds.deadlineAt !== Number.POSITIVE_INFINITY) {
    if (bounds.whenLate) bounds.whenLate(arm);
    else timer = setTimeout(expire, timeoutMs);
  }
  client?.addEventListener("abort", leave);
  return {
    get signal() {
      controller ??= new AbortController();
      if (expired || client?.aborted) controller.abort();
      return controller.signal;
    },
    over,
    timeoutMs,
    expired: () => expired,
    stop() {
      stopped = true;
      clearTimeout(timer);
      client?.removeEventListener("abort", leave);
    },
  };
}
