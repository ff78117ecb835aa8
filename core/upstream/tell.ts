/** One message that has no answer but its status: a notification, or a response to what the server asked. */
import type { Networks } from "../contract/bindings.ts";
import { success, type Outcome } from "../contract/outcome.ts";
import { startDeadline } from "./deadline.ts";
import { judgeStatus } from "./judge-status.ts";
import type { Bounds, Exchange } from "./link.ts";
import type { Pending } from "./pending.ts";
import { postBeside } from "./post.ts";
import { discard } from "./read-body.ts";
import { broken, timedOut } from "./refusal.ts";

export async function tell(
  x: Exchange,
  messageText: string,
  bounds: Bounds,
  networks: Networks,
  url?: string,
): Promise<Outcome<void>> {
  const deadline = startDeadline(bounds);
  if (!deadline) return timedOut(x, 0, "not_executed");
  const pending: Pending = { x, id: "", bounds, deadline, networks };
  try {
    const response = await postBeside(pending, messageText, url);
    if (response.ok) {
      discard(response);
      return success(undefined);
    }
    const judged = await judgeStatus(pending, response);
    return judged.ok ? success(undefined) : judged;
  } catch (error) {
    return broken(x, deadline, error);
  } finally {
    deadline.stop();
  }
}
