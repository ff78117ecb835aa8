/** Servers coming and going: Fleet gives, changes and takes them; other shards hand them over. */
import type { ServerRecord } from "../../core/contract/server.ts";
import type { ServerParcel } from "../../core/contract/shard-rpc.ts";
import { endSession } from "../../core/upstream/negotiate.ts";
import { toConnection } from "./connections.ts";
import type { ConnectorSockets } from "./connectors/sockets.ts";
import type { Ownership } from "./ownership.ts";
import { pack, serverBuckets, unpack, type ParcelRooms } from "./parcels.ts";
import { Recent } from "./recent.ts";
import { sameDoor, type Server } from "./servers.ts";
import type { VisitRooms, Visits } from "./visits.ts";

export interface CustodyRooms extends ParcelRooms, Omit<VisitRooms, "introductions"> {
  readonly ownership: Ownership;
  readonly visits: Visits;
  readonly connectorSockets: ConnectorSockets;
}

export class Custody {
  readonly #rooms: CustodyRooms;
  /** Servers given to another shard: their sessions go on there. */
  readonly #handedOver = new Set<string>();
  /** Which departure took a server away: an answer of Fleet's that is older may not bring it back. */
  readonly #departures = new Recent<number>(1_000);
  #departed = 0;
  #deleted: (server: string) => void = () => undefined;

  constructor(rooms: CustodyRooms) {
    this.#rooms = rooms;
  }

  /** Called for each server that nobody owns any more; one that moves is not deleted. */
  onDeleted(deleted: (server: string) => void): void {
    this.#deleted = deleted;
  }

  own(records: readonly ServerRecord[]): void {
    for (const record of records) this.#own(record, Date.now());
  }

  /** How many servers have left so far: to be noted before Fleet is asked for records, and given to `recover`. */
  get departed(): number {
    return this.#departed;
  }

  /** Owns what Fleet answered with, less what has left since it was asked. */
  recover(records: readonly ServerRecord[], departedBefore: number): void {
    const { ownership } = this.#rooms;
    this.own(records.filter(({ id }) => ownership.owns(id) && (this.#departures.get(id) ?? 0) <= departedBefore));
  }

  disown(ids: readonly string[]): void {
    const { servers, ownership, conversations, waitUntil } = this.#rooms;
    for (const id of ids) {
      const server = servers.get(id);
      // Still ours by the map, so it was deleted and not moved: nobody goes on with its session.
      if (server && ownership.owns(id) && !this.#handedOver.has(id)) {
        this.#deleted(id);
        waitUntil(this.#endSession(server));
        conversations.end(server.record);
      }
      this.#drop(id);
    }
  }

  /** A server that the map gives to another shard has its rows there by now. */
  keepOwned(): void {
    const { servers, ownership } = this.#rooms;
    for (const id of servers.ids()) if (!ownership.owns(id)) this.#drop(id);
  }

  /** Nothing is deleted: until the map says otherwise this shard goes on answering. */
  handOver(ids: readonly string[]): ServerParcel[] {
    const found = ids.flatMap((id) => this.#rooms.servers.get(id) ?? []);
    for (const { record } of found) this.#handedOver.add(record.id);
    return found.map((server) => pack(this.#rooms, server));
  }

  takeOver(parcels: readonly ServerParcel[]): void {
    const { servers, connections, health } = this.#rooms;
    for (const parcel of parcels) {
      const { id } = parcel.record;
      this.#handedOver.delete(id);
      // Told twice: what we have made of it since is newer than the parcel.
      const isHere = servers.get(id) !== undefined && connections.get(id) !== undefined;
      if (isHere || !unpack(this.#rooms, parcel)) this.own([parcel.record]);
      else health.plan(parcel.record.id, Date.now());
    }
  }

  #own(record: ServerRecord, now: number): void {
    const { servers, connections, conversations, credentials } = this.#rooms;
    const known = servers.get(record.id);
    this.#handedOver.delete(record.id);
    if (known === undefined) return this.#begin(record, now);
    if (known.record.updatedAt > record.updatedAt) return;
    if (JSON.stringify(known.record) === JSON.stringify(record)) return;
    const newDoor = !sameDoor(known.record, record);
    if (newDoor) {
      connections.drop(record.id);
      conversations.drop(record.id);
      credentials.forget(record.id);
    }
    if (newDoor || record.disabled !== known.record.disabled) this.#begin(record, now);
    else servers.put({ ...known, record });
  }

  #begin(record: ServerRecord, now: number): void {
    const { servers, health, visits, connectorSockets } = this.#rooms;
    const standing: Pick<Server, "state" | "reason"> = record.disabled
      ? { state: "disabled", reason: "An operator has disabled it." }
      : { state: "unknown", reason: "Not connected yet." };
    servers.put({ record, ...standing, since: now });
    if (record.kind === "connector") connectorSockets.expect(record.id);
    if (record.disabled) health.forget(record.id);
    else visits.inBackground(record.id);
  }

  #drop(id: string): void {
    const { servers, connections, conversations, catalogs, receipts, buckets, credentials, health, visits } =
      this.#rooms;
    this.#handedOver.delete(id);
    this.#departed += 1;
    this.#departures.set(id, this.#departed);
    servers.delete(id);
    connections.drop(id);
    conversations.drop(id);
    catalogs.drop(id);
    receipts.drop(id);
    buckets.forget(serverBuckets(id));
    credentials.forget(id);
    health.forget(id);
    visits.forget(id);
  }

  async #endSession({ record }: Server): Promise<void> {
    const { connections, credentials, slots, networks } = this.#rooms;
    const kept = connections.get(record.id);
    if (kept?.sessionId === undefined) return;
    const headers = await credentials.open(record);
    if (headers === undefined) return;
    const { generation: _ours, ...link } = toConnection(kept, headers);
    await slots.use(record.id, "upkeep", () => endSession(link, networks));
  }
}
