/**
 * What becomes of a request that has failed: the one place that decides whether anything is ever sent again. A `fetch`
 * error proves nothing, since "refused" and "ran, then lost" read alike; so what is not known to be safe goes out
 * again only after a failure that itself proves that it did not run.
 */
import type { ToolFacts } from "../contract/call.ts";
import type { Failure, FailureCode } from "../contract/failure.ts";

/**
 * `retry`: to the same replica, healed where it was lost. `hedge`: to another one as well, the first answer counts.
 * `outcome_unknown`: it may have run; it is not sent again, and the caller is told. `wait`: it may still come.
 */
export type Verdict = "retry" | "next_replica" | "hedge" | "wait" | "give_up" | "outcome_unknown";

export interface Trouble {
  /** `slow`: nothing has failed, it only takes longer than it mostly does. */
  readonly failure: Failure | { readonly code: "slow" };
  readonly method: string;
  readonly tool?: ToolFacts | undefined;
  /** The operator believes the server's hints. */
  readonly trusted: boolean;
  /** `before_dispatch`: nothing of the request has left this house. */
  readonly phase: "before_dispatch" | "dispatched";
  /**
   * The caller sent an `Idempotency-Key`. It makes nothing safer: the server does not know it. It only keeps the caller's
   * own repetition from running, so it is asked for here to be passed over in one place.
   */
  readonly hasIdempotencyKey: boolean;
  readonly replicasLeft: boolean;
  /** It was sent again once already. */
  readonly wasRepeated: boolean;
  /** The retry budget has something left. */
  readonly hasBudget: boolean;
  /** The deadline is over. */
  readonly isLate: boolean;
  readonly hedging: boolean;
}

/** Methods that change nothing, or the same however often they are called (MCP 2026-07-28 and 2025-11-25). */
const safeMethods: ReadonlySet<string> = new Set([
  "initialize",
  "ping",
  "server/discover",
  "tools/list",
  "prompts/list",
  "prompts/get",
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "resources/subscribe",
  "resources/unsubscribe",
  "completion/complete",
  "logging/setLevel",
  "tasks/get",
  "tasks/list",
  "tasks/result",
]);

/** The replica's complete answer, though not the one that was hoped for: another replica would say the same. */
const answers: ReadonlySet<string> = new Set<FailureCode>([
  "server_error",
  "interaction_required",
  "answer_too_large",
  "server_refused_credential",
  "server_redirects",
]);

/** The replica cannot take it now, another one may. */
const elsewhere: ReadonlySet<string> = new Set<FailureCode>(["server_down", "server_busy", "breaker_open"]);

/** The hints are the server's own words and untrusted until an operator says otherwise (MCP 2025-11-25, ToolAnnotations). */
export function isSafe(facts: ToolFacts | undefined, trusted: boolean): boolean {
  return trusted && facts !== undefined && (facts.readOnly || facts.idempotent);
}

export function isSafeRequest({ method, tool, trusted }: Pick<Trouble, "method" | "tool" | "trusted">): boolean {
  return method === "tools/call" ? isSafe(tool, trusted) : safeMethods.has(method);
}

export function verdictOn(trouble: Trouble): Verdict {
  const { failure, phase, replicasLeft, hasBudget, wasRepeated, isLate } = trouble;
  if (failure.code === "slow") return mayHedge(trouble) ? "hedge" : "wait";
  const execution = "execution" in failure ? failure.execution : "not_executed";
  if (phase === "before_dispatch" || execution === "not_executed") return afterProof(trouble, failure);
  if (answers.has(failure.code)) return "give_up";
  if (!isSafeRequest(trouble)) return "outcome_unknown";
  if (isLate || wasRepeated || !hasBudget) return "give_up";
  if (replicasLeft) return "next_replica";
  return failure.code === "server_unreachable" ? "retry" : "give_up";
}

/** It did not run, so it may go out again whatever it is: where that can help. */
function afterProof({ phase, replicasLeft, wasRepeated, isLate }: Trouble, failure: Failure): Verdict {
  if (isLate) return "give_up";
  if (phase === "before_dispatch") {
    return replicasLeft && (elsewhere.has(failure.code) || isAboutTheReplica(failure)) ? "next_replica" : "give_up";
  }
  if (wasRepeated) return "give_up";
  if (failure.code === "session_lost" || provesEraChanged(failure)) return "retry";
  return replicasLeft && elsewhere.has(failure.code) ? "next_replica" : "give_up";
}

function isAboutTheReplica({ code }: Failure): boolean {
  return code === "server_timeout" || code === "server_unreachable" || code === "session_lost";
}

/**
 * The server refused how we speak, not what we asked: another version, a session where there was none, no POST.
 * Nothing ran; after a new negotiation the request may be sent again.
 */
function provesEraChanged(failure: Failure): boolean {
  if (failure.code === "server_error") return failure.rpcCode === -32022;
  return failure.code === "server_status" && (failure.status === 400 || failure.status === 405);
}

/** Only what changes nothing at all: an idempotent write that runs twice at once is still two writes at once. */
function mayHedge({ hedging, replicasLeft, hasBudget, wasRepeated, isLate, ...asked }: Trouble): boolean {
  if (!hedging || !replicasLeft || !hasBudget || wasRepeated || isLate) return false;
  return asked.method === "tools/call"
    ? asked.trusted && asked.tool?.readOnly === true
    : safeMethods.has(asked.method) && asked.method !== "initialize";
}
