/**
 * Who the caller is, and a block of tokens for what it wants. The decision is one synchronous function over a key's
 * record and its buckets: nothing can come between the look and the taking. A fact that is missing is fetched first,
 * and then everything is decided afresh.
 */
import type { KeyRecord } from "../../core/contract/key.ts";
import { leaseLifeMs, type Admission, type AdmitAsk } from "../../core/contract/leases.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { BucketState } from "../../core/contract/shard-rpc.ts";
import type { Buckets, Part } from "./buckets.ts";
import { Flights } from "./flights.ts";
import type { Keys } from "./keys.ts";
import { LimitUse } from "./limit-use.ts";
import type { Neighbours } from "./neighbours.ts";
import type { Ownership } from "./ownership.ts";
import { rateLimited, refusalOf } from "./refusal.ts";
import { Recent } from "./recent.ts";

type Missing = "ownership" | "key" | "buckets";
const mostRounds = 5;

export interface AdmissionRooms {
  readonly ownership: Ownership;
  readonly keys: Keys;
  readonly buckets: Buckets;
  readonly neighbours: Neighbours;
}

export class Admissions {
  readonly limitUse = new LimitUse();
  readonly #rooms: AdmissionRooms;
  readonly #fetches = new Flights<void>();
  /** Keys whose previous home has been asked for their buckets, by the map revision that said so. */
  readonly #askedHome = new Recent<number>(10_000);
  /** Keys given up to a new home, by the revision known then: a full bucket must not spring up here again. */
  readonly #surrendered = new Recent<number>(10_000);

  constructor(rooms: AdmissionRooms) {
    this.#rooms = rooms;
  }

  async admit(ask: AdmitAsk): Promise<Outcome<Admission>> {
    const { ownership, keys } = this.#rooms;
    for (let round = 0; round < mostRounds; round += 1) {
      const claimed = await ownership.claim(this.#revisionFor(ask), () => this.#isHome(ask.keyId));
      if (!claimed.ok) return claimed;
      const verdict = this.#decide(ask, Date.now());
      if (verdict === "key") {
        const pulled = await keys.pull(ask.keyId, Date.now());
        if (!pulled.ok) return pulled;
      } else if (verdict === "buckets") {
        await this.#fetches.join(ask.keyId, () => this.#fetchBuckets(ask.keyId));
      } else if (verdict !== "ownership") {
        return verdict;
      }
    }
    return failure({ code: "overloaded", retryAfterMs: 1_000 });
  }

  surrender(keyId: string): BucketState[] {
    this.#surrendered.set(keyId, this.#rooms.ownership.map.revision);
    return this.#rooms.buckets.surrender(ownerName(keyId));
  }

  #decide(ask: AdmitAsk, now: number): Outcome<Admission> | Missing {
    if (!this.#isHome(ask.keyId)) return "ownership";
    const record = this.#rooms.keys.get(ask.keyId);
    if (record === undefined) return "key";
    const refused = refusalOf(record, ask.digest, now);
    if (refused) return failure(refused);
    const parts = this.#partsOf(record, ask.server);
    if (parts.length > 0 && this.#bucketsAreElsewhere(ask.keyId)) return "buckets";
    this.#rooms.keys.used(record.id, now);
    return this.#grant(record, parts, ask, now);
  }

  #grant(record: KeyRecord, parts: readonly Part[], ask: AdmitAsk, now: number): Outcome<Admission> {
    const { id, name, scopes, tools, toolset } = record;
    const admission = {
      principal: {
        keyId: id,
        name,
        scopes,
        ...(tools === undefined ? {} : { tools }),
        ...(toolset === undefined ? {} : { toolset }),
      },
      lifeMs: leaseLifeMs,
      limitedServers: Object.keys(record.serverLimits),
    };
    if (parts.length === 0) return success({ ...admission, tokens: Infinity, limits: [] });
    const lease = this.#rooms.buckets.lease(ownerName(id), parts, ask, now);
    if ("refusedBy" in lease) {
      this.limitUse.refused(id, ask.server, lease.refusedBy);
      return failure(rateLimited(lease));
    }
    this.limitUse.granted(id, ask.server, lease);
    return success({ ...admission, tokens: lease.granted, limits: lease.views });
  }

  #partsOf(record: KeyRecord, server: string | undefined): Part[] {
    const parts: Part[] = [];
    const own = record.limit === undefined ? this.#rooms.ownership.defaultLimit : record.limit;
    if (own) parts.push({ name: "key", limitName: "key", limit: own });
    const onServer = server === undefined ? undefined : record.serverLimits[server];
    if (onServer) parts.push({ name: `key_server:${server}`, limitName: "key_server", limit: onServer });
    return parts;
  }

  #isHome(keyId: string): boolean {
    return this.#rooms.ownership.isHome(keyId) && !this.#wasSurrendered(keyId);
  }

  #wasSurrendered(keyId: string): boolean {
    const revision = this.#surrendered.get(keyId);
    return revision !== undefined && this.#rooms.ownership.map.revision <= revision;
  }

  /** Whoever took a key's buckets knew a newer map than we did then. */
  #revisionFor(ask: AdmitAsk): number {
    const revision = this.#surrendered.get(ask.keyId);
    return revision === undefined ? ask.revision : Math.max(ask.revision, revision + 1);
  }

  #bucketsAreElsewhere(keyId: string): boolean {
    const { ownership, buckets } = this.#rooms;
    if (this.#askedHome.get(keyId) === ownership.map.revision || buckets.knows(ownerName(keyId))) return false;
    return ownership.previousHome(keyId) !== undefined;
  }

  /** When the old home cannot be asked the key starts with full buckets here: at most one burst is regained. */
  async #fetchBuckets(keyId: string): Promise<void> {
    const { ownership, buckets, neighbours } = this.#rooms;
    const { revision } = ownership.map;
    const home = ownership.previousHome(keyId);
    const states = home === undefined ? [] : await neighbours.surrenderKey(home, keyId);
    this.#askedHome.set(keyId, revision);
    buckets.accept(ownerName(keyId), states ?? []);
  }
}

function ownerName(keyId: string): string {
  return `key:${keyId}`;
}
