/** Where a client that was turned away finds out how to get in: the protected resource metadata of this very endpoint (RFC 9728). */
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../house.ts";

export const metadataPath = "/.well-known/oauth-protected-resource";

/** RFC 9728, section 5.1: challenges name the document. */
export const pointsToMetadata: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  if (c.res.status !== 401 && c.res.status !== 403) return;
  const challenge = c.res.headers.get("www-authenticate");
  if (challenge === null) return;
  const { origin, pathname } = new URL(c.req.raw.url);
  c.res.headers.set("www-authenticate", `${challenge}, resource_metadata="${origin}${metadataPath}${pathname}"`);
};
