/**
 * Token buckets of keys and servers. The truth is in memory, since the hot path writes nothing; the alarm writes what
 * has changed once things are quiet, so an object that sleeps wakes with its buckets as they were. Only a crash loses
 * the last moments: a bucket then carries on from its last checkpoint, and at most one burst is regained.
 */
import type { LimitName } from "../../core/contract/failure.ts";
import { leaseLifeMs, type LeaseAsk } from "../../core/contract/leases.ts";
import type { Limit } from "../../core/contract/limit.ts";
import type { BucketState } from "../../core/contract/shard-rpc.ts";
import { fullBucket, leaseTokens, settle, type Bucket } from "../../core/policies/token-bucket.ts";
import type { Column, Store } from "./store.ts";

/** One limit that must grant. `name` is the bucket's own: a key has one per limited server. */
export interface Part {
  readonly name: string;
  readonly limitName: LimitName;
  readonly limit: Limit;
}

interface Held {
  bucket: Bucket;
  /** The limit it was last used under; none yet when it came from a row or another shard. */
  limit?: Limit;
  dirty: boolean;
}

interface BucketRow extends Record<string, Column> {
  readonly name: string;
  readonly level: number;
  readonly at: number;
  readonly outstanding: string;
}

export type Lease = ReturnType<typeof leaseTokens>;

export class Buckets {
  readonly #store: Store;
  readonly #owners = new Map<string, Map<string, Held>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whether anything is known of this owner's buckets; if not, they are full or somewhere else. */
  knows(owner: string): boolean {
    return this.#of(owner).size > 0;
  }

  /** Takes a block of tokens out of all parts, or out of none. */
  lease(owner: string, parts: readonly Part[], ask: LeaseAsk, now: number): Lease {
    const held = this.#of(owner);
    const asked = parts.map(({ name, limitName, limit }) => {
      return { name: limitName, limit, bucket: held.get(name)?.bucket ?? fullBucket(limit, now) };
    });
    const lease = leaseTokens(asked, now, leaseLifeMs, ask);
    for (const [index, { name, limit }] of parts.entries()) {
      const bucket = lease.buckets[index];
      if (bucket) held.set(name, { bucket, limit, dirty: true });
    }
    return lease;
  }

  /** Empties this owner's buckets here, for whoever carries on with them. */
  surrender(owner: string): BucketState[] {
    const states = this.states(owner);
    this.forget(owner);
    return states;
  }

  states(owner: string): BucketState[] {
    return [...this.#of(owner)].map(([name, { bucket }]) => ({
      name,
      level: bucket.level,
      at: bucket.at,
      outstanding: bucket.outstanding,
    }));
  }

  /** Carries on with another shard's buckets, unless there are some here already. */
  accept(owner: string, states: readonly BucketState[]): void {
    const held = this.#of(owner);
    for (const { name, level, at, outstanding } of states) {
      if (!held.has(name)) held.set(name, { bucket: restored(level, at, outstanding ?? []), dirty: true });
    }
  }

  forget(owner: string): void {
    this.#owners.delete(owner);
    this.#store.rows("DELETE FROM bucket WHERE owner = ?", owner);
  }

  /** Writes what has changed. A full bucket is one that nobody has touched: it needs neither a row nor memory. */
  checkpoint(now: number): void {
    for (const [owner, held] of this.#owners) {
      for (const [name, one] of held) {
        if (one.limit && isFull(one.bucket, one.limit, now)) {
          held.delete(name);
          this.#store.rows("DELETE FROM bucket WHERE owner = ? AND name = ?", owner, name);
        } else if (one.dirty) {
          one.dirty = false;
          this.#write(owner, name, one.bucket);
        }
      }
      if (held.size === 0) this.#owners.delete(owner);
    }
  }

  #write(owner: string, name: string, { level, at, outstanding }: Bucket): void {
    this.#store.rows(
      `INSERT INTO bucket VALUES (?, ?, ?, ?, ?) ON CONFLICT (owner, name)
       DO UPDATE SET level = excluded.level, at = excluded.at, outstanding = excluded.outstanding`,
      owner,
      name,
      level,
      at,
      JSON.stringify(outstanding),
    );
  }

  #of(owner: string): Map<string, Held> {
    const known = this.#owners.get(owner);
    if (known) return known;
    const rows = this.#store.rows<BucketRow>("SELECT name, level, at, outstanding FROM bucket WHERE owner = ?", owner);
    const held = new Map(
      rows.map(({ name, level, at, outstanding }): [string, Held] => [
        name,
        { bucket: restored(level, at, outstandingIn(outstanding)), dirty: false },
      ]),
    );
    this.#owners.set(owner, held);
    return held;
  }
}

function restored(level: number, at: number, outstanding: Bucket["outstanding"]): Bucket {
  return { level, at, outstanding, lastGrant: 0, lastAskAt: 0 };
}

function outstandingIn(text: string): Bucket["outstanding"] {
  return JSON.parse(text);
}

function isFull(bucket: Bucket, limit: Limit, now: number): boolean {
  const settled = settle(bucket, limit, now);
  return settled.outstanding.length === 0 && settled.level >= limit.burst;
}
