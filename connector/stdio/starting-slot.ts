/** Programs start a few at a time: sixty at once would all be slow, and some of them too slow. */
import { availableParallelism } from "node:os";

const most = Math.max(4, availableParallelism() * 2);
const waiting: (() => void)[] = [];
let running = 0;

/** Call what it gives when the start is over; again does no harm. */
export async function startingSlot(): Promise<() => void> {
  if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };
}
