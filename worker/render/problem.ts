/** Failures as problem documents (RFC 9457): a stable code, a link to its page, the request id. Rich in the log, mute to the client. */
import type { Failure, LimitFailure } from "../../core/contract/failure.ts";
import type { LimitView } from "../../core/contract/limit.ts";
import { detailOf } from "./detail.ts";
import { limitHeaders } from "./dress.ts";
import { pages } from "./pages/index.ts";

export function problem(failure: Failure, requestId: string): Response {
  const page = pages[failure.code];
  const { detail, members, retryAfterMs } = detailOf(failure);
  const body = {
    type: `/docs/errors/${failure.code}`,
    title: page.title,
    status: statusOf(failure),
    code: failure.code,
    detail: detail ?? page.meaning,
    fix: page.fix,
    requestId,
    retryable: page.retryable,
    ...members,
  };
  const headers = new Headers({
    "content-type": "application/problem+json",
    "x-request-id": requestId,
    "cache-control": "no-store",
  });
  if (retryAfterMs !== undefined) headers.set("retry-after", String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  if (failure.code === "rate_limited") {
    for (const [name, value] of Object.entries(limitHeaders([usedUp(failure)]))) headers.set(name, value);
  }
  // RFC 9110, 15.5.22.
  if (failure.code === "upgrade_required") headers.set("upgrade", "websocket");
  if (failure.code === "method_not_allowed") headers.set("allow", failure.allowed.join(", "));
  const challenge = challengeOf(failure);
  if (challenge) headers.set("www-authenticate", challenge);
  return new Response(JSON.stringify(body), { status: body.status, headers });
}

/** The limit that refused, as the header fields tell of it: nothing is left, and a whole window fills it again. */
function usedUp({ limit, quota, windowSeconds }: LimitFailure): LimitView {
  return { name: limit, quota, windowSeconds, remaining: 0, resetSeconds: windowSeconds };
}

/** A tool that rejects its arguments is the caller's to mend, so it is not told as a fault of the server. */
export function statusOf(failure: Failure): number {
  if (failure.code === "server_error" && failure.rpcCode === -32602) return 422;
  return pages[failure.code].status;
}

/** RFC 6750 section 3: the challenge says what is missing, and no more than that. */
export function challengeOf(failure: Failure): string | undefined {
  switch (failure.code) {
    case "key_missing":
      return 'Bearer realm="patchbay"';
    case "key_invalid":
    case "key_expired":
    case "key_revoked":
      return 'Bearer realm="patchbay", error="invalid_token"';
    case "scope_missing":
      return `Bearer realm="patchbay", error="insufficient_scope", scope="${failure.scope}"`;
    default:
      return undefined;
  }
}
