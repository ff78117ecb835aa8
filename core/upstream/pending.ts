import type { Networks } from "../contract/bindings.ts";
import type { Deadline } from "./deadline.ts";
import type { Bounds, Exchange } from "./link.ts";

/** One request under way: everything its answer is judged by. */
export interface Pending {
  readonly x: Exchange;
  readonly id: string;
  readonly bounds: Bounds;
  readonly deadline: Deadline;
  readonly networks: Networks;
  /** Where replies to the server go, if not to the connection's own address. */
  readonly replyUrl?: string;
  /** It is listened to for as long as it lasts: bounds hold for each event, not for all of them together. */
  readonly endless?: boolean;
}
