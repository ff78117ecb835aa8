/**
 * Tells a legacy server that nobody waits any more, since it does not take a closed connection for a cancellation
 * (2025-11-25, "cancellation"). Best effort, after the connection was closed; in the modern era closing it is all.
 */
import { cancelledText } from "../protocol/notifications.ts";
import type { Pending } from "./pending.ts";
import { tell } from "./tell.ts";

const farewellMs = 3_000;

export function cancel({ x, id, bounds, deadline, networks }: Pending): void {
  // `initialize` may not be cancelled.
  if (x.connection.era !== "legacy" || x.method === "initialize") return;
  // When the time is over only a caller that keeps the work alive has use for it.
  if (deadline.expired() && !bounds.onCancelled) return;
  const reason = deadline.expired() ? "it took too long" : "the client left";
  const farewell = { deadlineAt: Date.now() + farewellMs, maxAnswerBytes: 0 };
  const work = tell(x, cancelledText(JSON.stringify(id), reason), farewell, networks).then(() => undefined);
  bounds.onCancelled?.(work);
}
