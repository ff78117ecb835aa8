/**
 * Connections that belong to one client's session, or to one key's parked calls: rows, so that a restart costs no
 * handshake, and all in memory, since there are 500 at most. When each was last used is written now and then only.
 * What is here is always Streamable HTTP of the legacy era with a session: elsewhere connections hold no state.
 */
import type { Connection } from "../../core/contract/call.ts";
import { isConnectorUrl } from "../../core/upstream/connector-address.ts";
import { isServiceUrl } from "../../core/upstream/services.ts";
import type { Column, Store } from "./store.ts";

/** How old the written instant of last use may get. */
const useGrainMs = 60_000;

export interface KeptConversation {
  readonly server: string;
  readonly id: string;
  readonly connection: Omit<Connection, "headers">;
  readonly usedAt: number;
}

interface Held {
  kept: KeptConversation;
  writtenAt: number;
}

interface ConversationRow extends Record<string, Column> {
  readonly server: string;
  readonly replica: string;
  readonly id: string;
  readonly generation: number;
  readonly url: string;
  readonly protocol_version: string;
  readonly session_id: string | null;
  readonly network: Connection["network"];
  readonly used_at: number;
}

export class ConversationRows {
  readonly #store: Store;
  readonly #held = new Map<string, Held>();

  constructor(store: Store) {
    this.#store = store;
    for (const row of store.rows<ConversationRow>("SELECT * FROM conversation")) {
      this.#held.set(nameOf(row), { kept: keptFrom(row), writtenAt: row.used_at });
    }
  }

  get count(): number {
    return this.#held.size;
  }

  get(server: string, id: string): KeptConversation | undefined {
    return this.#held.get(nameOf({ server, id }))?.kept;
  }

  /** Those of one server, or all. */
  list(server?: string): KeptConversation[] {
    const all = [...this.#held.values()].map(({ kept }) => kept);
    return server === undefined ? all : all.filter((kept) => kept.server === server);
  }

  serversOf(id: string): string[] {
    return this.list().flatMap((kept) => (kept.id === id ? [kept.server] : []));
  }

  keep(kept: KeptConversation): void {
    const { server, id, usedAt } = kept;
    const { replica, generation, url, protocolVersion, sessionId, network } = kept.connection;
    this.#held.set(nameOf(kept), { kept, writtenAt: usedAt });
    this.#store.rows(
      "INSERT OR REPLACE INTO conversation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      server,
      replica,
      id,
      generation,
      url,
      protocolVersion,
      sessionId ?? null,
      network,
      usedAt,
    );
  }

  use(server: string, id: string, now: number): void {
    const held = this.#held.get(nameOf({ server, id }));
    if (held) held.kept = { ...held.kept, usedAt: now };
  }

  drop({ server, id }: Pick<KeptConversation, "server" | "id">): void {
    if (!this.#held.delete(nameOf({ server, id }))) return;
    this.#store.rows("DELETE FROM conversation WHERE server = ? AND id = ?", server, id);
  }

  checkpoint(): void {
    for (const held of this.#held.values()) {
      const { server, id, usedAt } = held.kept;
      if (usedAt - held.writtenAt < useGrainMs) continue;
      held.writtenAt = usedAt;
      this.#store.rows("UPDATE conversation SET used_at = ? WHERE server = ? AND id = ?", usedAt, server, id);
    }
  }
}

/** No server's id has a space in it. */
function nameOf({ server, id }: Pick<KeptConversation, "server" | "id">): string {
  return `${server} ${id}`;
}

function keptFrom(row: ConversationRow): KeptConversation {
  const { server, id, replica, generation, url, network } = row;
  const session = row.session_id === null ? {} : { sessionId: row.session_id };
  const speaks = { kind: kindAt(url), era: "legacy", protocolVersion: row.protocol_version } as const;
  return { server, id, connection: { replica, url, ...speaks, ...session, network, generation }, usedAt: row.used_at };
}

/** Streamable HTTP all of them: the address says over what. */
function kindAt(url: string): Connection["kind"] {
  if (isConnectorUrl(url)) return "connector";
  return isServiceUrl(url) ? "service" : "http";
}
