/** One POST to a replica, headers of its connection and era included. */
import { dial } from "./dial.ts";
import type { Pending } from "./pending.ts";
import { connectionHeaders, headersFor } from "./request-headers.ts";

/** The request itself. */
export function postRequest({ x, bounds, deadline, networks }: Pending, body: string): Promise<Response> {
  const { url, network } = x.connection;
  const init: RequestInit = { method: "POST", headers: headersFor(x), body };
  if (!bounds.endsWithAnswer) init.signal = deadline.signal;
  return dial(url, init, network, networks);
}

/** A reply or notification that goes with it; `url` differs from the connection's only where a server named another. */
export function postBeside(
  { x, deadline, networks }: Pending,
  body: string,
  url = x.connection.url,
): Promise<Response> {
  const { network } = x.connection;
  return dial(
    url,
    { method: "POST", headers: connectionHeaders(x.connection), body, signal: deadline.signal },
    network,
    networks,
  );
}
