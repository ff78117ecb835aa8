/** What a client's request wants of one server, and how it gets there; the same whatever the eras of the two. */
import type { CancelSignal } from "../../../core/upstream/cancellation.ts";
import type { Route } from "../../../core/contract/leases.ts";
import type { Outcome } from "../../../core/contract/outcome.ts";
import type { Answer, Bounds, Hooks } from "../../../core/upstream/link.ts";
import type { LeasedRoute, RouteWish } from "../../leases/routes.ts";
import { dial, wasHurried, type Question } from "../../relay/dial.ts";
import { settleDialed } from "../../relay/receipts.ts";
import { lateMs, type RpcCall } from "../rpc-call.ts";

export interface Errand {
  readonly server: string;
  readonly tool?: string;
  /** Whether the method may be answered with questions. */
  readonly mayAsk: boolean;
  /** The params without `_meta` and without what a retry adds to them; or why this is not to be asked after all. */
  question(route: Route): Outcome<Question>;
}

export interface Manner {
  readonly hooks: Hooks;
  /** Instead of the server's own time. */
  readonly signal?: CancelSignal;
}

/** One request to the server; what became of it goes into the statistics. */
export async function sendErrand(
  call: RpcCall,
  wish: RouteWish,
  { route, shard }: LeasedRoute,
  question: Question,
  { hooks, signal }: Manner,
): Promise<Outcome<Answer>> {
  const { house, deadlineAt, line, paramsText } = call;
  const now = Date.now();
  const endsAt = signal ? deadlineAt : Math.min(now + route.timeoutMs, deadlineAt);
  const bounds: Bounds = {
    deadlineAt: endsAt,
    ...(endsAt - now > 2 * lateMs ? { whenLate: (then) => line.whenLate(then) } : {}),
    maxAnswerBytes: route.maxAnswerBytes,
    signal: signal ?? line.signal,
    hooks,
    onCancelled: (work) => house.waitUntil(work),
  };
  const dialed = await dial(house, wish, route, question, bounds);
  const isCallers = line.signal.aborted || wasHurried(dialed, route, deadlineAt);
  settleDialed(house, shard, dialed, wish.tool ?? question.method, paramsText.length, isCallers);
  return dialed.outcome;
}
