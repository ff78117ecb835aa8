/** Listens to what a server says by itself, outside of any call. */
import type { Networks } from "../contract/bindings.ts";
import { success, type Outcome } from "../contract/outcome.ts";
import { nextRequestId } from "../protocol/json-rpc.ts";
import { startDeadline } from "./deadline.ts";
import { kinds } from "./kinds/index.ts";
import type { Bounds, Exchange, Hooks, Link } from "./link.ts";

/** The `notifications` of `subscriptions/listen`. Legacy servers send what they send, whatever is asked here. */
export interface ListenFilter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
  /** Over HTTP+SSE, too: subscribed to here, since nothing subscribed to in a call outlives it. */
  readonly resourceSubscriptions?: readonly string[];
  /** Of the tasks extension. */
  readonly taskIds?: readonly string[];
}

/**
 * Ends well when the server ends the stream, when the signal aborts, when the time is over
 * (`deadlineAt` may be Infinity), or at once when the server has no such stream.
 */
export async function listenTo(
  connection: Link,
  server: string,
  filter: ListenFilter,
  hooks: Hooks,
  bounds: Bounds,
  networks: Networks,
): Promise<Outcome<void>> {
  const within = { ...bounds, hooks };
  const deadline = startDeadline(within);
  if (!deadline) return success(undefined);
  const method = "subscriptions/listen";
  const x: Exchange = {
    connection,
    server,
    method,
    paramsText: `{"notifications":${JSON.stringify(filter)}}`,
    safe: true,
  };
  // On a legacy server's stream this id was never asked for, so nothing there can be its answer.
  const pending = { x, id: nextRequestId(), bounds: within, deadline, networks, endless: true };
  try {
    const ended = await kinds[connection.kind].listen(pending, filter.resourceSubscriptions ?? []);
    // The caller's own wish is no failure, whatever it broke.
    return deadline.signal.aborted ? success(undefined) : ended;
  } finally {
    deadline.stop();
  }
}
