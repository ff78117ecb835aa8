/**
 * A loopback door that adds the API key, which the suite cannot send. All else goes through as it came, Host and Origin
 * too, so that what the suite finds out about rebinding is found out about the gateway.
 */
import { createServer, request as requestHttp, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { end, type Listening } from "./fixture/web-http.ts";

export interface Keyed {
  readonly url: string;
  readonly key: string;
}

export async function startWithKey(gateway: Keyed): Promise<Omit<Listening, "connections">> {
  const server = createServer((incoming, outgoing) => forward(incoming, outgoing, gateway));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => end(server) };
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, { url, key }: Keyed): void {
  const { hostname, port } = new URL(url);
  const onward = requestHttp({
    hostname,
    port,
    method: incoming.method,
    path: incoming.url,
    headers: [...withoutHops(incoming.rawHeaders), "Authorization", `Bearer ${key}`],
    setHost: false,
  });
  onward.once("response", (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, withoutHops(answer.rawHeaders));
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.once("error", () => outgoing.destroy());
  });
  onward.once("error", (reason) => {
    if (!outgoing.headersSent) outgoing.writeHead(502);
    outgoing.end(String(reason));
  });
  // A client that leaves must be seen to leave on the other side too.
  outgoing.once("close", () => onward.destroy());
  incoming.pipe(onward);
}

const hops = new Set(["connection", "keep-alive", "transfer-encoding", "authorization"]);

/** Raw header pairs, without those that are about one connection only. */
function withoutHops(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? "";
    if (!hops.has(name.toLowerCase())) kept.push(name, raw[index + 1] ?? "");
  }
  return kept;
}
