/**
 * Addresses of kind `service`: `service://BINDING/path`, a Worker behind a service binding. Only bindings that say by
 * their name that they are MCP servers can be reached, so no address leads to the gateway's own objects and secrets.
 */
import type { Networks } from "../contract/bindings.ts";

export function isServiceUrl(url: string): boolean {
  return /^service:/i.test(url);
}

export function serviceNames(networks: Networks): readonly string[] {
  return Object.keys(networks)
    .filter((name) => serviceNamed(networks, name) !== undefined)
    .toSorted();
}

/** The binding that an address names, if there is one. */
export function serviceAt(url: string, networks: Networks): Fetcher | undefined {
  return serviceNamed(networks, URL.parse(url)?.hostname ?? "");
}

/** A Worker is asked in http's words: it must see a URL that its own router understands. */
export function asHttp(url: string): string {
  return url.replace(/^service:/i, "https:");
}

function serviceNamed(networks: Networks, name: string): Fetcher | undefined {
  if (!/^SERVICE_[A-Za-z0-9_]{1,56}$/.test(name)) return undefined;
  const bound: unknown = Reflect.get(networks, name);
  return isFetcher(bound) ? bound : undefined;
}

/** A variable or a namespace may bear such a name, too. */
function isFetcher(bound: unknown): bound is Fetcher {
  return typeof bound === "object" && bound !== null && "fetch" in bound && typeof bound.fetch === "function";
}
