/**
 * Our state toward each replica: a row, never a socket, so it survives eviction, deploys and moves to another shard.
 * The credential is not in it; that is unsealed from the server's record and lives in memory (credentials.ts).
 * See docs/decisions/0005-connection-is-a-row.md.
 */
import type { Connection } from "../../core/contract/call.ts";
import type { Era, Kind } from "../../core/contract/server.ts";
import type { Negotiated, ServerCapabilities } from "../../core/upstream/negotiate.ts";
import { Recent } from "./recent.ts";
import type { Column, Store } from "./store.ts";

/** The name of the replica where a server has but one: all but those behind connectors. */
export const onlyReplica = "1";
const mostReplicas = 32;

export interface KeptConnection extends Omit<Connection, "headers"> {
  readonly capabilities: ServerCapabilities;
  readonly serverName?: string;
  readonly serverVersion?: string;
  readonly negotiatedAt: number;
}

/** What a server says of itself, JSON text both. */
export interface Introduction {
  readonly capabilitiesText: string;
  readonly instructions?: string;
}

interface ConnectionRow extends Record<string, Column> {
  readonly server: string;
  readonly replica: string;
  readonly generation: number;
  readonly url: string;
  readonly kind: Kind;
  readonly era: Era;
  readonly protocol_version: string;
  readonly session_id: string | null;
  readonly network: Connection["network"];
  readonly capabilities: string;
  readonly server_name: string | null;
  readonly server_version: string | null;
  readonly negotiated_at: number;
}

export class Connections {
  readonly #store: Store;
  /** By server, then by replica. */
  readonly #kept = new Map<string, Map<string, KeptConnection>>();
  /** Generations of connections that were dropped: the next one counts on, so late reports are still recognised. */
  readonly #generations = new Recent<number>(1_000);
  #isLive: (server: string, kept: KeptConnection) => boolean = () => true;

  constructor(store: Store) {
    this.#store = store;
    for (const row of store.rows<ConnectionRow>("SELECT * FROM connection")) this.#hold(row.server, keptFrom(row));
  }

  /** To this replica, or to one that can be reached now if there is any. */
  get(server: string, replica?: string): KeptConnection | undefined {
    const kept = this.#kept.get(server);
    if (replica !== undefined) return kept?.get(replica);
    const [any] = kept?.values() ?? [];
    return this.live(server)[0] ?? any;
  }

  /** To all replicas that can be reached now. */
  live(server: string): KeptConnection[] {
    return [...(this.#kept.get(server)?.values() ?? [])].filter((kept) => this.#isLive(server, kept));
  }

  /** Where replicas come and go, somebody knows which are there. */
  judgeBy(isLive: (server: string, kept: KeptConnection) => boolean): void {
    this.#isLive = isLive;
  }

  /** Keeps what was negotiated as the server's next generation. */
  renew(server: string, negotiated: Negotiated, now: number): KeptConnection {
    const { connection, capabilities, capabilitiesText, serverName, serverVersion, instructions } = negotiated;
    const { headers: _inMemoryOnly, ...lasting } = connection;
    const said = instructions === undefined ? {} : { instructions: JSON.stringify(instructions) };
    this.introduce(server, { capabilitiesText, ...said });
    const before = this.#kept.get(server)?.get(connection.replica);
    const generation = (before?.generation ?? this.#generations.get(server) ?? 0) + 1;
    return this.keep(server, {
      ...lasting,
      generation,
      capabilities,
      ...(serverName === undefined ? {} : { serverName }),
      ...(serverVersion === undefined ? {} : { serverVersion }),
      negotiatedAt: now,
    });
  }

  keep(server: string, kept: KeptConnection): KeptConnection {
    this.#hold(server, kept);
    this.#forgetOldest(server);
    this.#store.rows(
      "INSERT OR REPLACE INTO connection VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      server,
      kept.replica,
      kept.generation,
      kept.url,
      kept.kind,
      kept.era,
      kept.protocolVersion,
      kept.sessionId ?? null,
      kept.network,
      JSON.stringify(kept.capabilities),
      kept.serverName ?? null,
      kept.serverVersion ?? null,
      kept.negotiatedAt,
    );
    return kept;
  }

  /** Read from its row each time: few ask, and it may be long. */
  introduction(server: string): Introduction | undefined {
    const [row] = this.#store.rows<{ capabilities: string; instructions: string | null }>(
      "SELECT capabilities, instructions FROM introduction WHERE server = ?",
      server,
    );
    if (row === undefined) return undefined;
    const { capabilities: capabilitiesText, instructions } = row;
    return { capabilitiesText, ...(instructions === null ? {} : { instructions }) };
  }

  introduce(server: string, said: Introduction): void {
    if (JSON.stringify(this.introduction(server)) === JSON.stringify(said)) return;
    this.#store.rows(
      "INSERT OR REPLACE INTO introduction VALUES (?, ?, ?)",
      server,
      said.capabilitiesText,
      said.instructions ?? null,
    );
  }

  drop(server: string): void {
    const kept = this.#kept.get(server);
    if (kept === undefined) return;
    this.#generations.set(server, Math.max(...[...kept.values()].map(({ generation }) => generation)));
    this.#kept.delete(server);
    this.#store.rows("DELETE FROM connection WHERE server = ?", server);
    this.#store.rows("DELETE FROM introduction WHERE server = ?", server);
  }

  #hold(server: string, kept: KeptConnection): void {
    const held = this.#kept.get(server) ?? new Map<string, KeptConnection>();
    held.delete(kept.replica);
    this.#kept.set(server, held.set(kept.replica, kept));
  }

  /** Connectors may come under ever new names. */
  #forgetOldest(server: string): void {
    const held = this.#kept.get(server);
    const [oldest] = held?.values() ?? [];
    if (held === undefined || oldest === undefined || held.size <= mostReplicas) return;
    held.delete(oldest.replica);
    this.#generations.set(server, Math.max(oldest.generation, this.#generations.get(server) ?? 0));
    this.#store.rows("DELETE FROM connection WHERE server = ? AND replica = ?", server, oldest.replica);
  }
}

/** What a lease carries: the row and the credential. */
export function toConnection(kept: KeptConnection, headers: Connection["headers"]): Connection {
  const { replica, url, kind, era, protocolVersion, sessionId, network, generation } = kept;
  const session = sessionId === undefined ? {} : { sessionId };
  return { replica, url, kind, era, protocolVersion, ...session, headers, network, generation };
}

function keptFrom(row: ConnectionRow): KeptConnection {
  return {
    replica: row.replica,
    generation: row.generation,
    url: row.url,
    kind: row.kind,
    era: row.era,
    protocolVersion: row.protocol_version,
    ...(row.session_id === null ? {} : { sessionId: row.session_id }),
    network: row.network,
    capabilities: JSON.parse(row.capabilities),
    ...(row.server_name === null ? {} : { serverName: row.server_name }),
    ...(row.server_version === null ? {} : { serverVersion: row.server_version }),
    negotiatedAt: row.negotiated_at,
  };
}
