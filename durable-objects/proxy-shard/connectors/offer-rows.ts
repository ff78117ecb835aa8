/**
 * What each connector offers, one row per connector, so that a shard that wakes from hibernation knows it without
 * asking. A row without a socket is of no use: it is dropped on waking.
 */
import type { OfferedServer } from "../../../core/contract/connector-frames.ts";
import type { Store } from "../store.ts";

export interface Offering {
  readonly version: string;
  readonly servers: readonly OfferedServer[];
}

export class OfferRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  get(connector: string): Offering | undefined {
    const [row] = this.#store.rows<{ version: string; servers: string }>(
      "SELECT version, servers FROM connector_offer WHERE connector = ?",
      connector,
    );
    return row && { version: row.version, servers: JSON.parse(row.servers) };
  }

  keep(connector: string, { version, servers }: Offering): void {
    this.#store.rows(
      "INSERT OR REPLACE INTO connector_offer VALUES (?, ?, ?)",
      connector,
      version,
      JSON.stringify(servers),
    );
  }

  drop(connector: string): void {
    this.#store.rows("DELETE FROM connector_offer WHERE connector = ?", connector);
  }

  keepOnly(connectors: ReadonlySet<string>): void {
    const rows = this.#store.rows<{ connector: string }>("SELECT connector FROM connector_offer");
    for (const { connector } of rows) if (!connectors.has(connector)) this.drop(connector);
  }
}
