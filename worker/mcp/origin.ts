/**
 * Web pages of other origins are turned away before anything else is looked at (specification, "Streamable HTTP":
 * Origin; against DNS rebinding). A gateway on loopback lets in pages of this machine, whatever their port.
 */
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../house.ts";
import { isLoopbackName } from "../peer.ts";
import { errorText } from "./rpc-error.ts";

export const sameOrigin: MiddlewareHandler<AppEnv> = async (c, next) => {
  const origin = c.req.raw.headers.get("origin");
  if (origin === null || isOurs(origin, c.req.raw.url, c.env.BIND === "loopback")) return next();
  const text = errorText(undefined, { code: 40_300, message: "Requests from web pages of this origin are not taken" });
  return new Response(text, { status: 403, headers: { "content-type": "application/json" } });
};

function isOurs(origin: string, url: string, onLoopback: boolean): boolean {
  const { protocol, host, hostname } = URL.parse(origin) ?? { protocol: "", host: "", hostname: "" };
  // `null`, two origins in one header, and everything with a path in it.
  if (origin !== `${protocol}//${host}`) return false;
  if (protocol !== "https:" && protocol !== "http:") return false;
  return host === new URL(url).host || (onLoopback && isLoopbackName(hostname));
}
