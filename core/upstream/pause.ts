import type { CancelSignal } from "./cancellation.ts";

/** Waits, or until nobody wants to wait any more. */
export function pause(waitMs: number, signal: CancelSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", done);
    resolve();
  };
  const timer = setTimeout(done, waitMs);
  signal.addEventListener("abort", done);
  return promise;
}
