/**
 * A request that failed, sent again where that is safe: once at most, and as core/policies/retry-safety decides. What is
 * not proven not to have run also costs a retry of the server's budget, so that a tenth is added to its load at most.
 */
import type { Connection } from "../../core/contract/call.ts";
import type { Failure } from "../../core/contract/failure.ts";
import type { Route } from "../../core/contract/leases.ts";
import { earn, fullBudget, spend, type RetryBudget } from "../../core/policies/retry-budget.ts";
import { verdictOn } from "../../core/policies/retry-safety.ts";
import { provesNotExecuted, type Bounds, type Exchange } from "../../core/upstream/exchange.ts";

/** What to do now: nothing, or send it over this connection, or over a new one that the shard makes. */
export type Next =
  | { readonly is: "end" }
  | { readonly is: "heal" }
  | { readonly is: "again"; readonly over: Connection };

const end: Next = { is: "end" };
const mostServers = 20_000;
const budgets = new Map<string, RetryBudget>();

/** A first attempt goes out. */
export function noteAttempt(server: string): void {
  if (budgets.size >= mostServers && !budgets.has(server)) budgets.clear();
  budgets.set(server, earn(budgets.get(server) ?? fullBudget()));
}

/** `over`: what it was sent over. */
export function nextAfter(
  failure: Failure,
  over: Connection,
  { server, replicas, tool, trusted }: Route,
  { method }: Pick<Exchange, "method">,
  { deadlineAt, signal }: Bounds,
): Next {
  const other = replicas.find(({ replica }) => replica !== over.replica);
  const left = spend(budgets.get(server) ?? fullBudget());
  const verdict = verdictOn({
    failure,
    method,
    tool,
    trusted,
    phase: "dispatched",
    hasIdempotencyKey: false,
    replicasLeft: other !== undefined,
    wasRepeated: false,
    hasBudget: left !== undefined,
    isLate: signal?.aborted === true || Date.now() >= deadlineAt,
    hedging: false,
  });
  const isProven = provesNotExecuted(failure);
  if (verdict === "retry" && isProven) return { is: "heal" };
  const to = verdict === "retry" ? over : verdict === "next_replica" ? other : undefined;
  if (to === undefined) return end;
  if (!isProven && left) budgets.set(server, left);
  return { is: "again", over: to };
}
