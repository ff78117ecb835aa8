/** The RateLimit header fields (draft-ietf-httpapi-ratelimit-headers-10): every limit that counted this request. */
import type { LimitView } from "../../core/contract/limit.ts";

export function limitHeaders(headers: Headers, views: readonly LimitView[]): void {
  if (views.length === 0) return;
  headers.set(
    "ratelimit-policy",
    views.map((view) => `"${view.name}";q=${view.quota};w=${view.windowSeconds}`).join(", "),
  );
  headers.set(
    "ratelimit",
    views
      .map((view) => `"${view.name}";r=${Math.max(0, Math.floor(view.remaining))};t=${view.resetSeconds}`)
      .join(", "),
  );
}
