/** Headers that the operator gave with the server, such as `Authorization: Bearer ...`. */
import type { Credential } from "./credential.ts";

/** What frames the request or belongs to the protocol is ours alone to set. */
const reserved = new Set([
  "accept",
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "last-event-id",
  "mcp-method",
  "mcp-name",
  "mcp-protocol-version",
  "mcp-session-id",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export const staticHeaders: Credential = ({ headers }) =>
  Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !reserved.has(name) && !name.startsWith("mcp-param-")),
  );
