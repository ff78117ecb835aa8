/** Messages of the client's that go beside its calls: responses to what a server asked, and notifications. */
import type { Networks } from "../contract/bindings.ts";
import type { Outcome } from "../contract/outcome.ts";
import type { Bounds, Exchange, Link } from "./link.ts";
import { refuse } from "./refusal.ts";
import { tell } from "./tell.ts";

/**
 * Posts one JSON-RPC response or notification to a legacy server; modern ones take none. `replyUrl` as the
 * ServerRequest gave it.
 */
export async function reply(
  connection: Link,
  server: string,
  messageText: string,
  bounds: Bounds,
  networks: Networks,
  replyUrl?: string,
): Promise<Outcome<void>> {
  const x: Exchange = { connection, server, method: "", paramsText: "{}", safe: true };
  const url = connection.kind === "sse" ? replyUrl : connection.url;
  if (connection.era === "modern" || url === undefined || !sameOrigin(url, connection.url)) {
    return refuse(x, "server_unreachable", "it takes no messages beside a call", "not_executed");
  }
  return tell(x, messageText, bounds, networks, url);
}

/** Another origin would be sent our credential. */
function sameOrigin(url: string, known: string): boolean {
  return URL.parse(url)?.origin === new URL(known).origin;
}
