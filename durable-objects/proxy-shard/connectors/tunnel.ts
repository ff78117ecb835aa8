/** The network behind connectors: one HTTP request to a server becomes an exchange on its connector's socket. */
import { placeOf, type ConnectorPlace } from "../../../core/upstream/connector-address.ts";
import { NotSent } from "../../../core/upstream/not-sent.ts";
import { within } from "../patience.ts";
import type { KeyWatch } from "./key-watch.ts";
import type { ConnectorSocket } from "./socket.ts";
import type { ConnectorSockets } from "./sockets.ts";

/** Made anew by the connector, or none of its business. */
const ownToHop: ReadonlySet<string> = new Set(["host", "connection", "content-length", "cf-connecting-ip"]);

export class Tunnel {
  readonly #sockets: ConnectorSockets;
  readonly #keyWatch: KeyWatch;

  constructor(sockets: ConnectorSockets, keyWatch: KeyWatch) {
    this.#sockets = sockets;
    this.#keyWatch = keyWatch;
  }

  /** As `fetch`, but it knows when nothing was sent: then it throws `NotSent`. */
  async dial(url: string, { method = "GET", headers, body, signal }: RequestInit): Promise<Response> {
    const place = placeOf(url);
    const socket = await this.#reach(place);
    this.#keyWatch.look(socket);
    if (signal?.aborted) throw new NotSent("nobody waits for it any more");
    const exchange = socket.open({
      server: place.server,
      method,
      headers: headersOf(headers),
      body: typeof body === "string" ? body : "",
    });
    signal?.addEventListener("abort", () => exchange.cancel(), { once: true });
    return exchange.answer;
  }

  /** A replica through which the server can be reached; undefined when none comes in time. */
  async replicaFor(server: string): Promise<string | undefined> {
    for (;;) {
      const names = this.#sockets.offering(server);
      if (names.length > 0) return names[Math.floor(Math.random() * names.length)];
      if (!(await this.#somethingNew(server))) return undefined;
    }
  }

  whyNot(server: string): string {
    return this.#sockets.whyNot(server);
  }

  isLive(server: string, replica: string): boolean {
    return this.#sockets.isLive(server, replica);
  }

  /** Its connectors start it when it is called, and not before. */
  isAsleep(server: string): boolean {
    const names = this.#sockets.offering(server);
    return names.length > 0 && names.every((name) => this.#sockets.find(name)?.offer(server)?.state === "idle");
  }

  isOffered(server: string): boolean {
    return this.#sockets.offering(server).length > 0;
  }

  /** Its socket; waited for while it may still come. */
  async #reach({ server, replica }: ConnectorPlace): Promise<ConnectorSocket> {
    for (;;) {
      const socket = this.#sockets.find(replica);
      const offer = socket?.offer(server);
      if (socket && offer && offer.state !== "down") return socket;
      if (offer) throw new NotSent(offer.reason || `its connector ${replica} says that it is down`, offer.since);
      // What was begun with one replica is not gone on with on another by us: who asked must choose anew.
      if (this.#sockets.offering(server).length > 0) throw new NotSent(`connector ${replica} does not offer it now`);
      if (!(await this.#somethingNew(server))) throw new NotSent("no connector offers it");
    }
  }

  async #somethingNew(server: string): Promise<boolean> {
    const patienceMs = this.#sockets.graceEndsAt(server) - Date.now();
    return patienceMs > 0 && (await within(patienceMs, this.#sockets.changed())) !== "late";
  }
}

function headersOf(init: RequestInit["headers"]): Record<string, string> {
  const headers: Record<string, string> = {};
  const given = init instanceof Headers ? init : new Headers(init);
  for (const [name, value] of given) if (!ownToHop.has(name)) headers[name] = value;
  return headers;
}
