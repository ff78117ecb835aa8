/**
 * The connectors that hold a socket to this shard. Sockets, badges and offers survive hibernation; what is waiting for
 * a connector to come does not, and is asked again by whoever wanted it.
 */
import type { ConnectedConnector } from "../../../core/contract/connector.ts";
import { Recent } from "../recent.ts";
import type { OfferRows, Offering } from "./offer-rows.ts";
import { ConnectorSocket, type Badge } from "./socket.ts";

const tag = "connector";
const mostSockets = 256;
/** A connector says "ping" every 20 s; the runtime answers for us, awake or asleep. */
const silentAfterMs = 60_000;
/** How long a connector may take to come back: after a restart of either side, a deploy, a move. */
export const graceMs = 5_000;
const replaced = 4001;
const fellSilent = 4002;

interface Waiting {
  readonly at: number;
  /** The connector that was lost. */
  readonly lost?: string;
}

export class ConnectorSockets {
  readonly #ctx: DurableObjectState;
  readonly #rows: OfferRows;
  readonly #sockets = new Map<WebSocket, ConnectorSocket>();
  readonly #byName = new Map<string, ConnectorSocket>();
  /** Servers that lost the connector that offered them, or wait for their first. */
  readonly #waiting = new Recent<Waiting>(10_000);
  #unsettledAt = Date.now();
  #orphaned: (servers: readonly string[]) => void = () => undefined;
  #changed = Promise.withResolvers<void>();

  constructor(ctx: DurableObjectState, rows: OfferRows) {
    this.#ctx = ctx;
    this.#rows = rows;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    for (const socket of ctx.getWebSockets(tag)) this.#wake(socket);
    rows.keepOnly(new Set(this.#byName.keys()));
  }

  /** Undefined: there are too many. */
  accept(keyId: string): WebSocket | undefined {
    if (this.#sockets.size >= mostSockets) return undefined;
    const { 0: theirs, 1: ours } = new WebSocketPair();
    this.#ctx.acceptWebSocket(ours, [tag]);
    const badge: Badge = { name: "", keyId, connectedAt: Date.now() };
    ours.serializeAttachment(badge);
    this.#sockets.set(ours, new ConnectorSocket(ours, badge, this.#left));
    return theirs;
  }

  at(socket: WebSocket): ConnectorSocket | undefined {
    return this.#sockets.get(socket);
  }

  all(): readonly ConnectorSocket[] {
    return [...this.#byName.values()];
  }

  /** The connector says who it is and all that it offers. A second one of its name takes its place. */
  greet(connector: ConnectorSocket, name: string, offering: Offering): void {
    const before = this.#byName.get(name);
    const badge: Badge = { ...connector.badge, name };
    connector.socket.serializeAttachment(badge);
    connector.introduce(badge, offering);
    this.#byName.set(name, connector);
    this.#rows.keep(name, offering);
    if (before && before !== connector) before.close(replaced, "another connector of this name has come");
    this.tell();
  }

  /** What it offers has changed. */
  keep(socket: ConnectorSocket): void {
    this.#rows.keep(socket.badge.name, { version: socket.version, servers: socket.offers });
    this.tell();
  }

  /** Called with the servers that nobody offers any more. */
  onOrphans(orphaned: (servers: readonly string[]) => void): void {
    this.#orphaned = orphaned;
  }

  /** The connector of this name, unless it has fallen silent. */
  find(name: string): ConnectorSocket | undefined {
    const found = this.#byName.get(name);
    return found && this.#isSilent(found) ? undefined : found;
  }

  /** Whether calls may be sent to this replica. */
  isLive(server: string, replica: string): boolean {
    const state = this.find(replica)?.offer(server)?.state;
    return state !== undefined && state !== "down";
  }

  /** Names of the connectors through which the server can be reached now. */
  offering(server: string): string[] {
    return [...this.#byName.keys()].filter((name) => this.isLive(server, name));
  }

  /** Why a server that nobody offers cannot be reached: a sentence for operators. */
  whyNot(server: string): string {
    for (const connector of this.#byName.values()) {
      const offer = connector.offer(server);
      if (offer?.state === "down") return `${offer.reason || "It is down"} (connector ${connector.badge.name}).`;
    }
    const lost = this.#waiting.get(server)?.lost;
    return lost === undefined ? "No connector offers it." : `Its connector ${lost} is gone.`;
  }

  /** Until when it is worth waiting for a connector that offers the server. */
  graceEndsAt(server: string): number {
    return Math.max(this.#waiting.get(server)?.at ?? 0, this.#unsettledAt) + graceMs;
  }

  /** It was registered just now, perhaps by a connector that is about to come. */
  expect(server: string): void {
    this.#waiting.set(server, { at: Date.now() });
  }

  /** Servers have moved: their connectors may not know yet where to. */
  unsettle(): void {
    this.#unsettledAt = Date.now();
  }

  /** Settles when something about the connectors is different. */
  changed(): Promise<void> {
    return this.#changed.promise;
  }

  tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  report(): ConnectedConnector[] {
    return this.all().map(({ badge: { name, connectedAt }, version, offers, exchanges }) => {
      return { name, version, connectedAt, servers: offers, exchanges };
    });
  }

  readonly #left = (gone: ConnectorSocket): void => {
    this.#sockets.delete(gone.socket);
    const { name } = gone.badge;
    // Another one has its name already.
    if (this.#byName.get(name) !== gone) return;
    this.#byName.delete(name);
    this.#rows.drop(name);
    const orphans = gone.offers.map(({ id }) => id).filter((id) => this.offering(id).length === 0);
    for (const id of orphans) this.#waiting.set(id, { at: Date.now(), lost: name });
    this.#orphaned(orphans);
  };

  #wake(socket: WebSocket): void {
    const badge: Badge | null = socket.deserializeAttachment();
    if (badge === null) return;
    const woken = new ConnectorSocket(socket, badge, this.#left, this.#rows.get(badge.name));
    this.#sockets.set(socket, woken);
    if (badge.name !== "") this.#byName.set(badge.name, woken);
  }

  #isSilent(found: ConnectorSocket): boolean {
    const heardAt = this.#ctx.getWebSocketAutoResponseTimestamp(found.socket)?.getTime() ?? 0;
    if (Date.now() - Math.max(heardAt, found.badge.connectedAt) < silentAfterMs) return false;
    found.close(fellSilent, "nothing was heard for a minute");
    return true;
  }
}
