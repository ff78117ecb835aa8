/** What holds for every request, before any route: HTTPS, the gateway's own name, a request id; and the headers of every answer. */
import type { Context, MiddlewareHandler, Next } from "hono";
import type { Failure } from "../core/contract/failure.ts";
import type { AppEnv } from "./house.ts";
import { addressOf, isLoopback, isLoopbackName } from "./peer.ts";
import { dress } from "./render/dress.ts";
import { problem } from "./render/problem.ts";
import { requestIdFor } from "./request-id.ts";

export const edge: MiddlewareHandler<AppEnv> = async (c, next: Next) => {
  const requestId = requestIdFor(c.req.raw.headers.get("x-request-id"));
  const { url } = c.req.raw;
  const secure = url.startsWith("https:");
  const address = c.env.BIND === "loopback" ? "127.0.0.1" : addressOf(c.req.raw);
  c.set("requestId", requestId);
  c.set("address", address);
  const turnedAway = secure || isLoopback(address) ? wrongHost(c, url) : insecure(c, url);
  if (turnedAway) c.res = turnedAway;
  else await next();
  dress(c);
};

/** Plain HTTP is for this machine only. Elsewhere documents move to https, and anything with a key is refused. */
function insecure(c: Context<AppEnv>, url: string): Response {
  const { headers, method } = c.req.raw;
  const carriesKey = headers.has("authorization") || headers.has("x-api-key") || url.includes("patchbay_");
  const isDocument = (method === "GET" || method === "HEAD") && !carriesKey;
  if (!isDocument) return refuse(c, { code: "https_required" });
  return new Response(null, { status: 308, headers: { location: url.replace(/^http:/, "https:") } });
}

/** The origin that was found good last: nearly every request has the same one, and parsing an address is dear. */
let goodOrigin = "";

/** A gateway bound to loopback goes by loopback's names only, so that no web page can reach it by a name of its own (DNS rebinding). */
function wrongHost(c: Context<AppEnv>, url: string): Response | undefined {
  if (c.env.BIND !== "loopback") return undefined;
  if (goodOrigin !== "" && url.startsWith(goodOrigin)) return undefined;
  const { hostname, origin } = new URL(url);
  if (!isLoopbackName(hostname)) return refuse(c, { code: "host_refused", host: hostname });
  goodOrigin = `${origin}/`;
  return undefined;
}

function refuse(c: Context<AppEnv>, failure: Failure): Response {
  return problem(failure, c.get("requestId"));
}
