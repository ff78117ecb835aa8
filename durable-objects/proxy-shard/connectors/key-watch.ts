/**
 * A connector may stay for as long as its key holds. Keys have their homes elsewhere, so Fleet is asked, in the background
 * and only while the connector is used; without Fleet everything stays as it is.
 */
import { allows } from "../../../core/contract/scope.ts";
import type { KeyRecord } from "../../../core/contract/key.ts";
import type { Neighbours } from "../neighbours.ts";
import { Recent } from "../recent.ts";
import type { ConnectorSocket } from "./socket.ts";

const everyMs = 2_000;
const keyEnded = 4003;
const rootKey = "root";

export class KeyWatch {
  readonly #neighbours: Neighbours;
  readonly #waitUntil: (work: Promise<unknown>) => void;
  readonly #askedAt = new Recent<number>(1_000);

  constructor(neighbours: Neighbours, waitUntil: (work: Promise<unknown>) => void) {
    this.#neighbours = neighbours;
    this.#waitUntil = waitUntil;
  }

  /** The connector is being used. */
  look(connector: ConnectorSocket): void {
    const { keyId, name } = connector.badge;
    const now = Date.now();
    const which = `${keyId} ${name}`;
    if (keyId === rootKey || now - (this.#askedAt.get(which) ?? 0) < everyMs) return;
    this.#askedAt.set(which, now);
    this.#waitUntil(this.#ask(connector));
  }

  async #ask(connector: ConnectorSocket): Promise<void> {
    const found = await this.#neighbours.key(connector.badge.keyId);
    const isGone = !found.ok && found.failure.code === "unknown_key";
    if (isGone || (found.ok && !holds(found.value, Date.now())))
      connector.close(keyEnded, "its key does not hold any more");
  }
}

function holds({ revokedAt, expiresAt, scopes }: KeyRecord, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < expiresAt) && allows(scopes, "connector");
}
