/**
 * What follows from a connector's words, and from its going: its servers are met, found to be down, or refused. A server
 * whose connector has gone keeps its state for a few seconds, in which its calls wait; most connectors come back.
 */
import type { OfferedServer } from "../../../core/contract/connector-frames.ts";
import type { ServerRecord } from "../../../core/contract/server.ts";
import type { Catalogs } from "../catalog.ts";
import type { Connections } from "../connections.ts";
import type { Health } from "../health.ts";
import type { Introductions } from "../introductions.ts";
import type { Ownership } from "../ownership.ts";
import type { Recovery } from "../recovery.ts";
import type { Schedule } from "../schedule.ts";
import type { Servers } from "../servers.ts";
import type { Visits } from "../visits.ts";
import type { KeyWatch } from "./key-watch.ts";
import type { ConnectorSocket, Word } from "./socket.ts";
import { graceMs, type ConnectorSockets } from "./sockets.ts";

export interface ReceptionRooms {
  readonly connectorSockets: ConnectorSockets;
  readonly keyWatch: KeyWatch;
  readonly ownership: Ownership;
  readonly recovery: Recovery;
  readonly servers: Servers;
  readonly connections: Connections;
  readonly catalogs: Catalogs;
  readonly introductions: Introductions;
  readonly visits: Visits;
  readonly health: Health;
  readonly schedule: Schedule;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

export class Reception {
  readonly #rooms: ReceptionRooms;
  #shardsTold = "";

  constructor(rooms: ReceptionRooms) {
    this.#rooms = rooms;
    const { connectorSockets, servers, schedule } = rooms;
    connectorSockets.onOrphans((ids) => {
      for (const id of ids) if (servers.get(id)) schedule.by(id, Date.now() + graceMs);
    });
  }

  hear(socket: WebSocket, message: string | ArrayBuffer): void {
    const { connectorSockets, keyWatch, waitUntil } = this.#rooms;
    const connector = connectorSockets.at(socket);
    if (connector === undefined) return;
    const word = connector.hear(message);
    if (word === undefined) return;
    keyWatch.look(connector);
    if (word.t === "hello") this.#welcome(connector, word);
    else if (connector.badge.name !== "") {
      connector.change(word.server);
      connectorSockets.keep(connector);
      waitUntil(this.#consider(connector, word.server));
    }
  }

  gone(socket: WebSocket, reason: string): void {
    this.#rooms.connectorSockets.at(socket)?.lost(reason);
  }

  /** A server is not registered any more. */
  forget(server: string): void {
    for (const connector of this.#rooms.connectorSockets.all()) this.#stop(connector, server, "it was deleted");
  }

  /** The map has changed: connectors must know which shards there are. */
  mapChanged(): void {
    const { connectorSockets, ownership } = this.#rooms;
    connectorSockets.unsettle();
    const shards = ownership.map.shards.join();
    if (shards === this.#shardsTold) return;
    this.#shardsTold = shards;
    for (const connector of connectorSockets.all()) this.#tellMap(connector);
  }

  #welcome(connector: ConnectorSocket, { name, version, servers }: Extract<Word, { t: "hello" }>): void {
    const { connectorSockets, waitUntil } = this.#rooms;
    connectorSockets.greet(connector, name, { version, servers });
    this.#tellMap(connector);
    for (const offer of servers) waitUntil(this.#consider(connector, offer));
  }

  #tellMap(connector: ConnectorSocket): void {
    const { shard, map } = this.#rooms.ownership;
    connector.say({ t: "welcome", shard, shards: [...map.shards], revision: map.revision });
  }

  /** Every shard is told of all servers; each answers for its own. */
  async #consider(connector: ConnectorSocket, offer: OfferedServer): Promise<void> {
    const { ownership, recovery, connectorSockets, health } = this.#rooms;
    const { id } = offer;
    if (!ownership.owns(id)) return;
    const found = await recovery.find(id);
    if (!found.ok) {
      if (found.failure.code === "unknown_server") this.#stop(connector, id, "no server of this id is registered");
      return;
    }
    const { record } = found.value;
    if (record.kind !== "connector") return this.#stop(connector, id, "it is registered as a server of another kind");
    if (record.disabled) return;
    if (connectorSockets.isLive(id, connector.badge.name)) return this.#meet(record, connector.badge.name, offer);
    if (connectorSockets.offering(id).length === 0) health.absent(id, connectorSockets.whyNot(id), Date.now());
  }

  /** A replica is spoken to before calls need it, and again when its server has been started anew since. */
  async #meet(record: ServerRecord, replica: string, { state, since }: OfferedServer): Promise<void> {
    const { connections, introductions, visits, servers, catalogs } = this.#rooms;
    const { id } = record;
    const kept = connections.get(id, replica);
    const isRestarted = state === "ready" && kept !== undefined && since > kept.negotiatedAt;
    if (kept === undefined || isRestarted) await introductions.introduce(record, "upkeep", replica);
    const isWell = servers.get(id)?.state === "ready" && catalogs.summary(id) !== undefined;
    if (!isWell || isRestarted) await visits.visit(id, { anew: false, errand: "upkeep" });
  }

  #stop(connector: ConnectorSocket, server: string, why: string): void {
    if (connector.offer(server) === undefined) return;
    connector.withdraw(server);
    this.#rooms.connectorSockets.keep(connector);
    connector.say({ t: "stop", server, why });
  }
}
