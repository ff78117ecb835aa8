/**
 * The servers this shard owns: what the operator says of each (Fleet's record) and how it is doing. Both are rows,
 * all held in memory too. A row is written when a record or a state changes and at no other time.
 */
import type { ServerRecord, ServerState } from "../../core/contract/server.ts";
import type { Column, Store } from "./store.ts";

export interface Server {
  readonly record: ServerRecord;
  readonly state: ServerState;
  /** A sentence for operators; empty when ready. */
  readonly reason: string;
  readonly since: number;
}

interface ServerRow extends Record<string, Column> {
  readonly id: string;
  readonly record: string;
  readonly state: ServerState;
  readonly reason: string;
  readonly since: number;
}

export class Servers {
  readonly #store: Store;
  readonly #servers = new Map<string, Server>();
  #changed: (id: string, server: Server | undefined, before: Server | undefined) => void = () => undefined;

  constructor(store: Store) {
    this.#store = store;
    for (const { id, record, state, reason, since } of store.rows<ServerRow>("SELECT * FROM server ORDER BY id")) {
      this.#servers.set(id, { record: JSON.parse(record), state, reason, since });
    }
  }

  get(id: string): Server | undefined {
    return this.#servers.get(id);
  }

  ids(): string[] {
    return [...this.#servers.keys()];
  }

  all(): Server[] {
    return [...this.#servers.values()];
  }

  /** Called after each row that was written; `server` is undefined when it has left. */
  onChange(changed: (id: string, server: Server | undefined, before: Server | undefined) => void): void {
    this.#changed = changed;
  }

  put(server: Server): void {
    const { record, state, reason, since } = server;
    const before = this.#servers.get(record.id);
    this.#servers.set(record.id, server);
    this.#store.rows(
      `INSERT INTO server VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
       SET record = excluded.record, state = excluded.state, reason = excluded.reason, since = excluded.since`,
      record.id,
      JSON.stringify(record),
      state,
      reason,
      since,
    );
    this.#changed(record.id, server, before);
  }

  /** Moves a server to a state; `since` only changes with the state. */
  turn(id: string, state: ServerState, reason: string, now: number): void {
    const server = this.#servers.get(id);
    if (server === undefined || (server.state === state && server.reason === reason)) return;
    const since = server.state === state ? server.since : now;
    const turned = { record: server.record, state, reason, since };
    this.#servers.set(id, turned);
    this.#store.rows("UPDATE server SET state = ?, reason = ?, since = ? WHERE id = ?", state, reason, since, id);
    this.#changed(id, turned, server);
  }

  delete(id: string): void {
    const before = this.#servers.get(id);
    this.#servers.delete(id);
    this.#store.rows("DELETE FROM server WHERE id = ?", id);
    this.#changed(id, undefined, before);
  }
}

/** Whether two records are reached alike, so that a connection made for one serves the other. */
export function sameDoor(one: ServerRecord, other: ServerRecord): boolean {
  return (
    one.url === other.url &&
    one.kind === other.kind &&
    one.sealedHeaders === other.sealedHeaders &&
    one.allowPrivate === other.allowPrivate
  );
}
