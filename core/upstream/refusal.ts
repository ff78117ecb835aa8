/** Names what went wrong in an exchange. One function per way, so that each reads as a sentence where it is used. */
import type { Execution, ServerFailure } from "../contract/failure.ts";
import { failure } from "../contract/outcome.ts";
import type { ReceivedError } from "../protocol/json-rpc.ts";
import type { Deadline } from "./deadline.ts";
import type { Exchange, Link } from "./link.ts";
import { NotSent } from "./not-sent.ts";

export type Refused = ReturnType<typeof failure>;

type Plain = Extract<
  ServerFailure["code"],
  | "outcome_unknown"
  | "server_unreachable"
  | "answer_empty"
  | "answer_html"
  | "answer_not_json"
  | "answer_truncated"
  | "answer_wrong_id"
  | "answer_invalid"
  | "session_lost"
>;

const longestEvidence = 300;

/** Text for administrators, from a server that may echo what it was sent: no credential may come through. */
export function evidenceOf(connection: Link, text: string): string {
  let evidence = text;
  for (const value of Object.values(connection.headers)) {
    for (const secret of [value, ...value.split(/\s+/)]) {
      if (secret.length >= 6) evidence = evidence.replaceAll(secret, "[credential]");
    }
  }
  return evidence.slice(0, longestEvidence);
}

export function refuse(x: Exchange, code: Plain, evidence?: string, execution: Execution = "unknown"): Refused {
  const { server } = x;
  if (evidence === undefined) return failure({ code, server, execution });
  return failure({ code, server, execution, evidence: evidenceOf(x.connection, evidence) });
}

export function tooLarge(x: Exchange, limitBytes: number): Refused {
  return failure({ code: "answer_too_large", server: x.server, execution: "unknown", limitBytes });
}

export function timedOut(x: Exchange, timeoutMs: number, execution: Execution = "unknown"): Refused {
  return failure({ code: "server_timeout", server: x.server, execution, timeoutMs });
}

export function badStatus(x: Exchange, status: number, evidence: string, execution: Execution = "unknown"): Refused {
  const { server } = x;
  return failure({ code: "server_status", server, execution, status, evidence: evidenceOf(x.connection, evidence) });
}

export function rpcError(x: Exchange, error: ReceivedError, execution: Execution = "unknown"): Refused {
  return failure({
    code: "server_error",
    server: x.server,
    execution,
    rpcCode: error.code,
    rpcMessage: error.message,
    ...(error.dataText === undefined ? {} : { rpcData: error.dataText }),
  });
}

/**
 * `fetch` threw, or the stream did. Whether the request arrived cannot be told: workerd reports "refused" and
 * "ran, then lost" with the same words.
 */
export function broken(x: Exchange, deadline: Deadline, error: unknown): Refused {
  if (error instanceof NotSent) return unsent(x, error);
  if (deadline.expired()) return timedOut(x, deadline.timeoutMs);
  const evidence = deadline.signal.aborted ? "the client left" : wordsOf(error);
  return refuse(x, x.safe ? "server_unreachable" : "outcome_unknown", evidence);
}

/** Only what goes through a connector's socket can be known not to have been sent. */
function unsent({ server, connection }: Exchange, { message, since, isBusy }: NotSent): Refused {
  const facts = { server, execution: "not_executed", evidence: evidenceOf(connection, message) } as const;
  return failure(
    isBusy ? { code: "server_busy", ...facts, retryAfterMs: 1_000 } : { code: "server_down", ...facts, since },
  );
}

/** The answer had begun when the connection broke, or could not be decompressed. */
export function brokenOff(x: Exchange, deadline: Deadline, error: unknown): Refused {
  if (deadline.signal.aborted) return broken(x, deadline, error);
  const evidence = wordsOf(error);
  return refuse(x, /decompress|header check/i.test(evidence) ? "answer_not_json" : "answer_truncated", evidence);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  // Node says "fetch failed" and hides why in the cause.
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return error.message + cause;
}

/** A refusal from before the request itself was sent. */
export function notExecuted(refused: Refused): Refused {
  const reason = refused.failure;
  if (!("execution" in reason)) return refused;
  return failure(
    reason.code === "outcome_unknown"
      ? { ...reason, code: "server_unreachable", execution: "not_executed" }
      : { ...reason, execution: "not_executed" },
  );
}
