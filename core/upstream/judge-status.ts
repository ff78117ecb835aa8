/** What an answer outside 2xx says, above all: whether it proves that the request did not run. */
import { failure, type Outcome } from "../contract/outcome.ts";
import { readMessage, type ReceivedError } from "../protocol/json-rpc.ts";
import type { Answer } from "./link.ts";
import type { Pending } from "./pending.ts";
import { discard, readBody } from "./read-body.ts";
import { badStatus, brokenOff, refuse, rpcError } from "./refusal.ts";

/** Refusals are short; of a longer body only the status counts. */
const longestRefusalBytes = 65_536;
const defaultRetryMs = 1_000;
const longestRetryMs = 3_600_000;

/** -32022 version not served, -32020 headers do not mirror the body: both are checked before anything runs. */
const neverRan = new Set([-32022, -32020]);
/**
 * Many servers answer a session or version they do not know with a 400 instead of a 404; the reference server does.
 * These are the transport's codes and words, so that no tool's own complaint about a "session" is taken for one.
 */
const transportCodes = new Set([-32000, -32001, -32600]);
const transportWords =
  /session[- ]?id|session not found|(?:valid|unknown|missing) session|not initialized|protocol version/i;

export async function judgeStatus(pending: Pending, response: Response): Promise<Outcome<Answer>> {
  const { x } = pending;
  const { status } = response;
  const { server } = x;
  if (status >= 300 && status < 400) {
    discard(response);
    const location = response.headers.get("location") ?? "";
    return failure({ code: "server_redirects", server, execution: "unknown", location });
  }
  if (status === 401 || status === 403) {
    discard(response);
    return failure({ code: "server_refused_credential", server, execution: "not_executed", status });
  }
  if (status === 429) {
    discard(response);
    const retryAfterMs = retryAfter(response.headers.get("retry-after"));
    return failure({ code: "server_busy", server, execution: "not_executed", retryAfterMs });
  }
  if (status === 404 && x.connection.sessionId !== undefined) {
    discard(response);
    return refuse(x, "session_lost", "HTTP 404", "not_executed");
  }
  return judgeBody(pending, response);
}

async function judgeBody(pending: Pending, response: Response): Promise<Outcome<Answer>> {
  const { x, deadline } = pending;
  const { status } = response;
  let error: ReceivedError | undefined;
  try {
    error = await readError(pending, response);
  } catch (thrown) {
    // The status alone says enough, unless it was us who stopped.
    if (deadline.signal.aborted) return brokenOff(x, deadline, thrown);
  }
  const evidence = error ? `HTTP ${status}: ${error.message}` : `HTTP ${status}`;
  if (status === 405) return badStatus(x, status, evidence, "not_executed");
  if (status === 400 && error && neverRan.has(error.code)) return rpcError(x, error, "not_executed");
  if (status === 400 && error && transportCodes.has(error.code) && transportWords.test(error.message)) {
    return x.connection.sessionId === undefined
      ? badStatus(x, status, evidence, "not_executed")
      : refuse(x, "session_lost", evidence, "not_executed");
  }
  return error && status < 500 ? rpcError(x, error) : badStatus(x, status, evidence);
}

async function readError({ id }: Pending, response: Response): Promise<ReceivedError | undefined> {
  const body = await readBody(response, longestRefusalBytes);
  const received = body.ok && body.text !== undefined ? readMessage(body.text, id) : undefined;
  return received?.is === "error" ? received : undefined;
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3). */
function retryAfter(value: string | null): number {
  if (value === null || value.trim() === "") return defaultRetryMs;
  const seconds = Number(value);
  const waitMs = Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1_000;
  return Number.isNaN(waitMs) ? defaultRetryMs : Math.min(Math.max(waitMs, 0), longestRetryMs);
}
