/** Messages of the client's that go beside its calls: responses to what a server asked, and notifications. */
import type { Networks } from "../contract/bindings.ts";
import { failure, type Outcome } from "../contract/outcome.ts";
import type { Bounds, Link } from "./link.ts";

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
  void [connection, server, messageText, bounds, networks, replyUrl];
  return failure({ code: "not_implemented", feature: "reply" });
}
