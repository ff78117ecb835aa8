/** The headers that every answer wears, whatever it says. */
import type { Context } from "hono";
import type { LimitView } from "../../core/contract/limit.ts";
import type { AppEnv } from "../house.ts";

/** For an answer that is being made: all at once, since each header set later is one more call into the runtime. */
export function dressing(c: Context<AppEnv>): Record<string, string> {
  c.set("isDressed", true);
  const headers: Record<string, string> = {
    "x-request-id": c.get("requestId"),
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  };
  if (c.req.raw.url.startsWith("https:")) headers["strict-transport-security"] = "max-age=31536000";
  const limits = c.get("caller")?.limits() ?? [];
  return limits.length === 0 ? headers : Object.assign(headers, limitHeaders(limits));
}

/** For an answer that is there already. What it says itself stands: how long to keep it, or which limit refused. */
export function dress(c: Context<AppEnv>): void {
  if (c.get("isDressed")) return;
  const { headers } = c.res;
  for (const [name, value] of Object.entries(dressing(c))) {
    if (!headers.has(name)) headers.set(name, value);
  }
}

/** The RateLimit header fields (draft-ietf-httpapi-ratelimit-headers-10): every limit that counted this request. */
export function limitHeaders(views: readonly LimitView[]): Record<string, string> {
  return {
    "ratelimit-policy": views.map((view) => `"${view.name}";q=${view.quota};w=${view.windowSeconds}`).join(", "),
    ratelimit: views
      .map((view) => `"${view.name}";r=${Math.max(0, Math.floor(view.remaining))};t=${view.resetSeconds}`)
      .join(", "),
  };
}
