/** The headers of our requests. Those that a connection always sends are built once per connection. */
import { gatewayInfo } from "../protocol/gateway-info.ts";
import { eras } from "../protocol/eras/index.ts";
import { credentialHeaders } from "./credentials/index.ts";
import type { Exchange, Link } from "./link.ts";

type HeaderRecord = Readonly<Record<string, string>>;

/** Plain values only: nothing here is tied to the request that made it. */
const built = new WeakMap<Link, HeaderRecord>();

function build(connection: Link): HeaderRecord {
  return {
    "user-agent": `${gatewayInfo.name}/${gatewayInfo.version}`,
    ...credentialHeaders(connection),
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
    ...eras[connection.era].connectionHeaders(connection),
  };
}

export function connectionHeaders(connection: Link): HeaderRecord {
  let headers = built.get(connection);
  if (headers === undefined) {
    headers = build(connection);
    built.set(connection, headers);
  }
  return headers;
}

/** For one POST. */
export function headersFor(x: Exchange): Record<string, string> {
  const always = connectionHeaders(x.connection);
  const own = eras[x.connection.era].requestHeaders(x);
  return own === undefined ? always : { ...always, ...own };
}

/** For a GET that opens a stream. */
export function streamHeaders(connection: Link): HeaderRecord {
  const { "content-type": _none, ...headers } = connectionHeaders(connection);
  return { ...headers, accept: "text/event-stream" };
}
