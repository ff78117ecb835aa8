/** Who is at the other end of the socket, as far as the platform says. */

/**
 * The peer's address. Plain workerd gives it in `cf.clientIp`; Cloudflare in a header that it sets itself and
 * that a client therefore cannot forge there. Absent when neither knows.
 */
export function addressOf(request: Request): string | undefined {
  const cf: Readonly<Record<string, unknown>> | undefined = request.cf;
  const peer = cf?.["clientIp"];
  if (typeof peer === "string") return withoutPort(peer);
  return cf?.["colo"] === undefined ? undefined : (request.headers.get("cf-connecting-ip") ?? undefined);
}

export function isLoopback(address: string | undefined): boolean {
  return (
    address !== undefined && (address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127."))
  );
}

export function isLoopbackName(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}

function withoutPort(address: string): string {
  if (address.startsWith("[")) return address.slice(1, address.indexOf("]"));
  const colon = address.lastIndexOf(":");
  return colon > 0 && address.indexOf(":") === colon ? address.slice(0, colon) : address;
}
