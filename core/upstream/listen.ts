/** Listens to what a server says by itself, outside of any call. */
import type { Networks } from "../contract/bindings.ts";
import { failure, type Outcome } from "../contract/outcome.ts";
import type { Bounds, Hooks, Link } from "./link.ts";

/** The `notifications` of `subscriptions/listen`. Legacy servers send what they send, whatever is asked here. */
export interface ListenFilter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
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
  void [connection, server, filter, hooks, bounds, networks];
  return failure({ code: "not_implemented", feature: "listenTo" });
}
