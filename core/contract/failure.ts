/**
 * Every expected refusal, by its public `code`, with the evidence its renderers need.
 * Add an arm here and the compiler walks you to the renderer and to the docs page.
 * Evidence is for the log and for administrators; what a client sees is decided in worker/render.
 */

/** One fault in a request: `path` is a JSON pointer (RFC 6901) or a parameter's name. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

/** Whether a tool call that failed may have run: `not_executed` is proven, `unknown` is all else. */
export type Execution = "not_executed" | "unknown";

/** Which of the three exact limits refused. */
export type LimitName = "key" | "server" | "key_server";

/** Fields shared by every failure of a call that was meant for a server. */
interface FromServer {
  readonly server: string;
  readonly execution: Execution;
  /** What was seen, for administrators. Never holds a credential. */
  readonly evidence?: string;
}

export type RequestFailure =
  | { readonly code: "malformed_json"; readonly detail: string }
  | { readonly code: "duplicate_key"; readonly path: string }
  | { readonly code: "nested_too_deep"; readonly limit: number }
  | { readonly code: "body_too_large"; readonly limitBytes: number }
  | { readonly code: "body_timeout"; readonly limitMs: number }
  | { readonly code: "unsupported_media_type"; readonly got: string }
  | { readonly code: "invalid_fields"; readonly fields: readonly FieldFault[] }
  | { readonly code: "invalid_arguments"; readonly tool: string; readonly fields: readonly FieldFault[] }
  | { readonly code: "target_refused"; readonly url: string; readonly reason: string; readonly fix: string }
  | {
      readonly code: "already_exists";
      readonly what: "server" | "key" | "toolset" | "alert target" | "silence";
      readonly id: string;
    }
  | { readonly code: "conflict"; readonly detail: string }
  /** The `Idempotency-Key` was used with another request. */
  | { readonly code: "idempotency_key_reused" }
  | { readonly code: "idempotency_in_flight"; readonly retryAfterMs: number }
  /** The call has run; what it answered is not kept. */
  | { readonly code: "idempotency_answer_lost"; readonly server: string }
  | { readonly code: "idempotency_full"; readonly retryAfterMs: number }
  | { readonly code: "not_implemented"; readonly feature: string };

export type LookupFailure =
  | { readonly code: "unknown_route"; readonly path: string; readonly nearest: readonly string[] }
  | { readonly code: "method_not_allowed"; readonly allowed: readonly string[] }
  | { readonly code: "upgrade_required" }
  | { readonly code: "unknown_server"; readonly server: string; readonly nearest: readonly string[] }
  | { readonly code: "unknown_tool"; readonly tool: string; readonly nearest: readonly string[] }
  | { readonly code: "ambiguous_tool"; readonly tool: string; readonly candidates: readonly string[] }
  | { readonly code: "unknown_shard"; readonly shard: string; readonly nearest: readonly string[] }
  | { readonly code: "unknown_key"; readonly id: string }
  | { readonly code: "unknown_toolset"; readonly toolset: string; readonly nearest: readonly string[] }
  | { readonly code: "unknown_alert_target"; readonly id: string; readonly nearest: readonly string[] }
  | { readonly code: "unknown_silence"; readonly id: string };

export type AccessFailure =
  | { readonly code: "key_missing" }
  | { readonly code: "key_invalid" }
  | { readonly code: "key_expired" }
  | { readonly code: "key_revoked" }
  | { readonly code: "key_in_query" }
  | { readonly code: "two_credentials" }
  | { readonly code: "scope_missing"; readonly scope: string }
  | { readonly code: "https_required" }
  | { readonly code: "host_refused"; readonly host: string }
  | { readonly code: "too_many_failures"; readonly retryAfterMs: number };

export type LimitFailure = {
  readonly code: "rate_limited";
  readonly limit: LimitName;
  readonly retryAfterMs: number;
  readonly quota: number;
  readonly windowSeconds: number;
};

export type ServerFailure =
  /** Known to be down before anything was sent. */
  | (FromServer & { readonly code: "server_down"; readonly since: number })
  | (FromServer & { readonly code: "server_disabled" })
  /** Too many calls have failed; until one has shown that the server is well again, no other is sent. */
  | (FromServer & { readonly code: "breaker_open"; readonly since: number; readonly retryAfterMs: number })
  /** No complete answer within the deadline. */
  | (FromServer & { readonly code: "server_timeout"; readonly timeoutMs: number })
  /** The connection broke and nothing proves whether the tool ran. */
  | (FromServer & { readonly code: "outcome_unknown" })
  /** The connection broke on something that is safe to ask again. */
  | (FromServer & { readonly code: "server_unreachable" })
  | (FromServer & { readonly code: "answer_empty" })
  | (FromServer & { readonly code: "answer_html" })
  | (FromServer & { readonly code: "answer_not_json" })
  | (FromServer & { readonly code: "answer_truncated" })
  | (FromServer & { readonly code: "answer_wrong_id" })
  | (FromServer & { readonly code: "answer_invalid" })
  | (FromServer & { readonly code: "answer_too_large"; readonly limitBytes: number })
  | (FromServer & { readonly code: "server_status"; readonly status: number })
  | (FromServer & { readonly code: "server_busy"; readonly retryAfterMs: number })
  | (FromServer & { readonly code: "server_refused_credential"; readonly status: number })
  | (FromServer & { readonly code: "server_redirects"; readonly location: string })
  | (FromServer & { readonly code: "session_lost" })
  /** The server answered with a JSON-RPC error object. */
  | (FromServer & {
      readonly code: "server_error";
      readonly rpcCode: number;
      readonly rpcMessage: string;
      /** The error's `data`, as JSON text, when there was one. */
      readonly rpcData?: string;
    })
  /** The server asked something back (elicitation, sampling, roots), which this door cannot carry. */
  | (FromServer & { readonly code: "interaction_required"; readonly asked: string });

export type HouseFailure =
  /** The asked shard does not own this server or key; `revision` is the map it knows. */
  | { readonly code: "moved"; readonly revision: number }
  | { readonly code: "shard_unavailable"; readonly shard: number }
  | { readonly code: "fleet_unavailable" }
  | { readonly code: "overloaded"; readonly retryAfterMs: number }
  /** The call that a client wants to go on with is not parked here any more. */
  | { readonly code: "park_lost" }
  | { readonly code: "internal" };

export type Failure = RequestFailure | LookupFailure | AccessFailure | LimitFailure | ServerFailure | HouseFailure;

export type FailureCode = Failure["code"];
