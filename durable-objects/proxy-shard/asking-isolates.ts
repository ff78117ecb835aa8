/**
 * Which Worker isolates have asked for a server's route lately: its limit of calls under way is theirs together. Memory
 * only; a guess that is right again within two leases.
 */
import { leaseLifeMs } from "../../core/contract/leases.ts";
import { shareOf, usualInFlight } from "../../core/policies/in-flight.ts";
import { Recent } from "./recent.ts";

const mostServers = 20_000;

export class AskingIsolates {
  readonly #seen = new Recent<Map<string, number>>(mostServers);

  /** How many calls the isolate that asks may have under way with the server. `lease`: the name it gave the lease. */
  share(server: string, lease: string, limit: number | undefined, now: number): number {
    const seen = this.#seen.get(server) ?? new Map<string, number>();
    this.#seen.set(server, seen);
    // An isolate puts its own name before the number of the lease.
    seen.set(lease.slice(0, Math.max(0, lease.indexOf("."))), now);
    for (const [isolate, at] of seen) if (at <= now - 2 * leaseLifeMs) seen.delete(isolate);
    return shareOf(limit ?? usualInFlight, seen.size);
  }
}
