/** Which listening addresses only this machine can reach, and how we reach each of them ourselves. */
import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

export function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  const version = isIP(host);
  return version !== 0 && loopback.check(host, version === 6 ? "ipv6" : "ipv4");
}

/** The host part of a URL that reaches a socket bound to `host` from this machine. */
export function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return bracketed(host);
}

/** `host` as it stands before `:port`. */
export function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
