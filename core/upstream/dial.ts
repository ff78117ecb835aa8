/** The only place that opens a socket. */
import type { Networks } from "../contract/bindings.ts";
import type { Link } from "./link.ts";
import { NotSent } from "./not-sent.ts";
import { asHttp, isServiceUrl, serviceAt } from "./services.ts";

/**
 * Redirects are answers, never followed: the next address has not been checked, and would be sent our
 * credential. On plain workerd the global `fetch` reaches public addresses only, so private ones take their
 * own door; on Cloudflare there is none, nor anything behind it. A bound Worker is reached over no network at all.
 */
export function dial(url: string, init: RequestInit, network: Link["network"], networks: Networks): Promise<Response> {
  init.redirect = "manual";
  if (network === "connector") {
    return networks.connector?.(url, init) ?? Promise.reject(new NotSent("there is no way to connectors here"));
  }
  if (isServiceUrl(url)) {
    const service = serviceAt(url, networks);
    return service ? service.fetch(asHttp(url), init) : Promise.reject(new Error("there is no such service binding"));
  }
  return network === "private" && networks.PRIVATE_NETWORK
    ? networks.PRIVATE_NETWORK.fetch(url, init)
    : fetch(url, init);
}
