/**
 * Makes connections: finds out how a server is to be spoken to and keeps the answer as a row. Single-flight per server.
 * The shared one is there to read what the server offers, and says that it can be asked everything: some servers show
 * the rest of their tools to nobody else. Where a server keeps that in mind, calls go over others (routes.ts).
 */
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { ServerRecord } from "../../core/contract/server.ts";
import type { Networks } from "../../core/contract/bindings.ts";
import type { Bounds } from "../../core/upstream/exchange.ts";
import { negotiate, type Negotiated, type Target } from "../../core/upstream/negotiate.ts";
import { serviceNames } from "../../core/upstream/services.ts";
import { everyCapabilityText } from "../../core/protocol/client-capabilities.ts";
import { checkTarget } from "../../core/upstream/target.ts";
import { onlyReplica, type Connections, type KeptConnection } from "./connections.ts";
import type { Credentials } from "./credentials.ts";
import type { DialSlots, Errand } from "./dial-slots.ts";
import { Flights } from "./flights.ts";
import { sameDoor, type Servers } from "./servers.ts";

/** No attempt may take longer, however patient the server's own deadline is. */
export const attemptMs = 10_000;

export interface IntroductionRooms {
  readonly servers: Servers;
  readonly connections: Connections;
  readonly credentials: Credentials;
  readonly slots: DialSlots;
  readonly networks: Networks;
}

type ClientTold = Required<Pick<Target, "clientCapabilitiesText">>;

export class Introductions {
  readonly #rooms: IntroductionRooms;
  readonly #flights = new Flights<Outcome<KeptConnection>>();

  constructor(rooms: IntroductionRooms) {
    this.#rooms = rooms;
  }

  /** A new connection, of the next generation. Those who mean the same registration share one; a changed one is met anew. */
  introduce(record: ServerRecord, errand: Errand): Promise<Outcome<KeptConnection>> {
    if (errand === "caller") this.#rooms.slots.hurry(record.id);
    return this.#flights.join(`${record.id} ${record.updatedAt}`, () => this.#introduce(record, errand));
  }

  async #introduce(record: ServerRecord, errand: Errand): Promise<Outcome<KeptConnection>> {
    const { connections, slots } = this.#rooms;
    const told = { clientCapabilitiesText: everyCapabilityText };
    const made = await slots.use(record.id, errand, () => this.negotiate(record, told));
    if (this.isOutdated(record)) return outdated(record.id);
    return made.ok ? success(connections.renew(record.id, made.value, Date.now())) : made;
  }

  /** Keeps nothing. To be called by who has a slot; with a client's capabilities, for a connection of its own. */
  async negotiate(record: ServerRecord, client: ClientTold): Promise<Outcome<Negotiated>> {
    const { id, kind, allowPrivate } = record;
    const { credentials, networks } = this.#rooms;
    const bind = networks.BIND === undefined ? {} : { bind: networks.BIND };
    const target = checkTarget(record.url, { allowPrivate, ...bind, services: serviceNames(networks) });
    if (!target.ok) return target;
    const headers = await credentials.open(record);
    if (headers === undefined) return sealedShut(id);
    const { url, network } = target.value;
    const replica = {
      server: id,
      replica: onlyReplica,
      url,
      headers,
      network,
      ...(kind === undefined ? {} : { kind }),
      ...client,
    };
    return negotiate(replica, boundsOf(record), networks);
  }

  /** The operator has changed or removed the server while it was being dialled: what came of it counts no more. */
  isOutdated(record: ServerRecord): boolean {
    const now = this.#rooms.servers.get(record.id)?.record;
    return now === undefined || now.disabled || !sameDoor(record, now);
  }
}

export function boundsOf(record: ServerRecord): Bounds {
  const patienceMs = Math.min(record.timeoutMs, attemptMs);
  return { deadlineAt: Date.now() + patienceMs, maxAnswerBytes: record.maxAnswerBytes };
}

export function outdated(server: string): Outcome<never> {
  const evidence = "its registration changed while it was being dialled";
  return failure({ code: "server_unreachable", server, execution: "not_executed", evidence });
}

export function sealedShut(server: string): Outcome<never> {
  const evidence = "its stored credential does not open with this gateway's secret";
  return failure({ code: "server_down", server, execution: "not_executed", since: Date.now(), evidence });
}
