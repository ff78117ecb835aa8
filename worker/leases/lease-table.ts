/**
 * Leases of one sort that this isolate holds. Plain values only: a promise belongs to the request that made it,
 * and awaiting another request's is refused or hangs. So two requests may ask at once; neither is wrong.
 */
import { addBlock, noBlocks, type Blocks } from "./blocks.ts";

export interface Lease<T> {
  value: T;
  endsAt: number;
  /** From here on one request renews it under waitUntil, so that callers rarely wait. */
  renewAt: number;
  renewing: boolean;
  readonly blocks: Blocks;
}

export interface Grant {
  readonly lease: string;
  readonly tokens: number;
  readonly lifeMs: number;
  readonly askedAt: number;
  readonly ahead: boolean;
}

const renewShare = 2 / 3;

export class LeaseTable<T> {
  readonly #leases = new Map<string, Lease<T>>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get(name: string): Lease<T> | undefined {
    return this.#leases.get(name);
  }

  /** Notes a grant that was asked for at `askedAt`; the asking request has used one of its tokens, unless it asked ahead. */
  put(name: string, value: T, grant: Grant): Lease<T> {
    const held = this.#leases.get(name);
    const lease = held ?? { value, endsAt: 0, renewAt: 0, renewing: false, blocks: noBlocks() };
    lease.value = value;
    lease.endsAt = grant.askedAt + grant.lifeMs;
    lease.renewAt = grant.askedAt + grant.lifeMs * renewShare;
    lease.renewing = false;
    addBlock(lease.blocks, grant.lease, grant.ahead ? grant.tokens : grant.tokens - 1, lease.endsAt);
    if (!held) this.#leases.set(name, lease);
    if (this.#leases.size > this.#max) this.#dropOldest();
    return lease;
  }

  delete(name: string): void {
    this.#leases.delete(name);
  }

  /** Oldest first by insertion: an entry that is in use comes right back, at the price of one ask. */
  #dropOldest(): void {
    const oldest = this.#leases.keys().next();
    if (!oldest.done) this.#leases.delete(oldest.value);
  }
}

/** True for exactly one request: the one that shall renew, since the lease nears its end or half its tokens are gone. */
export function claimsRenewal(lease: Lease<unknown>, left: number, granted: number, now: number): boolean {
  if (lease.renewing) return false;
  const due = now >= lease.renewAt || (granted >= 4 && left < granted / 2);
  if (due) lease.renewing = true;
  return due;
}
