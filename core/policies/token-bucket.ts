/**
 * Token buckets whose tokens are leased in blocks, so that a busy caller does not ask for each.
 * Pure state: whoever keeps a bucket says what survives a restart. One that is lost starts full again.
 *
 * Exactness: level + leased tokens that may still be used never exceed the burst, and only refilling
 * raises that sum. So no window of length t admits more than burst + rate x t (docs/decisions/0007).
 */
import type { LimitName } from "../contract/failure.ts";
import type { Limit, LimitView } from "../contract/limit.ts";
import type { LeaseAsk, LeaseReport } from "../contract/leases.ts";
import { endReported, forgetFirst, sum, type Outstanding } from "./outstanding.ts";

export interface Bucket {
  /** Tokens to be had at `at`; fractions count. */
  readonly level: number;
  readonly at: number;
  /** Earliest end first. */
  readonly outstanding: readonly Outstanding[];
  readonly lastGrant: number;
  readonly lastAskAt: number;
}

export interface LeasePart {
  readonly limit: Limit;
  readonly bucket: Bucket;
  readonly name: LimitName;
}

export interface TokenGrant {
  /** Tokens taken from every part, the asking request's own included; Infinity when there are no parts. */
  readonly granted: number;
  readonly buckets: Bucket[];
  /** What is left in the buckets; unused tokens of the caller's leases come on top. */
  readonly views: LimitView[];
}

export interface TokenRefusal {
  readonly refusedBy: LimitName;
  readonly retryAfterMs: number;
  readonly limit: Limit;
  readonly buckets: Bucket[];
}

/** A limit refills whole 60,000ths of a token per millisecond: rounding to them keeps the sums exact. */
const grain = 60_000;

/** How far a clock may fall back and be waited for. One that was set back further is believed. */
const clockSlackMs = 5_000;

/** Ended leases that are remembered for tokens to come back to; holders that are gone never give back. */
const mostEnded = 64;

export function fullBucket(limit: Limit, now: number): Bucket {
  return { level: limit.burst, at: now, outstanding: [], lastGrant: 0, lastAskAt: now };
}

/** Refills, then takes in what a holder reports of its leases. */
export function settle(bucket: Bucket, limit: Limit, now: number, reports: readonly LeaseReport[] = []): Bucket {
  const refilled = refill(followClock(bucket, now), limit, now);
  const { givenBack, rest } = endReported(refilled.outstanding, reports);
  // The clamp matters only where a limit has shrunk under leases that were larger than it is now.
  const level = Math.min(refilled.level + givenBack, room(limit, sum(rest)));
  return { ...refilled, level, outstanding: rest };
}

/** Takes tokens from all parts or from none. */
export function leaseTokens(
  parts: readonly LeasePart[],
  now: number,
  lifeMs: number,
  { reports, lease, ahead }: LeaseAsk,
): TokenGrant | TokenRefusal {
  const settled = parts.map(({ limit, bucket, name }) => {
    const after = settle(bucket, limit, now, reports);
    return { limit, name, bucket: after, waitMs: waitForToken(after, limit, now) };
  });
  const slowest = settled.toSorted((a, b) => b.waitMs - a.waitMs)[0];
  if (slowest !== undefined && slowest.waitMs > 0) {
    const buckets = settled.map(({ bucket }) => bucket);
    return { refusedBy: slowest.name, retryAfterMs: slowest.waitMs, limit: slowest.limit, buckets };
  }
  const granted = Math.min(...settled.map(({ bucket }) => leaseSize(bucket, lifeMs)));
  // The asking request uses its token at once, so only the others can be used later.
  const later = { lease, tokens: ahead ? granted : granted - 1 };
  const taken = settled.map((part) => ({ ...part, bucket: take(part.bucket, granted, later, lifeMs) }));
  return {
    granted,
    buckets: taken.map(({ bucket }) => bucket),
    views: taken.map(({ name, limit, bucket }) => view(name, limit, bucket)),
  };
}

/** Seconds in which an empty bucket fills. */
export function windowSeconds(limit: Limit): number {
  return Math.ceil((limit.burst * 60) / limit.perMinute);
}

function view(name: LimitName, limit: Limit, bucket: Bucket): LimitView {
  return {
    name,
    quota: limit.burst,
    windowSeconds: windowSeconds(limit),
    remaining: Math.floor(bucket.level),
    resetSeconds: Math.ceil(((limit.burst - bucket.level) * 60) / limit.perMinute),
  };
}

/** One token for a quiet bucket, twice the last lease for a busy one, never more than an eighth of the rest. */
function leaseSize(bucket: Bucket, lifeMs: number): number {
  const busy = bucket.at - bucket.lastAskAt <= lifeMs;
  return Math.max(1, Math.min(busy ? bucket.lastGrant * 2 : 1, Math.floor(bucket.level / 8)));
}

function take(bucket: Bucket, tokens: number, later: Omit<Outstanding, "endsAt">, lifeMs: number): Bucket {
  const { at, level } = bucket;
  const lease = { ...later, endsAt: at + lifeMs };
  const outstanding =
    later.tokens === 0 ? bucket.outstanding : [...bucket.outstanding, lease].sort((a, b) => a.endsAt - b.endsAt);
  return { level: level - tokens, at, outstanding, lastGrant: tokens, lastAskAt: at };
}

/**
 * A live lease keeps its place in the bucket free; one that ended keeps it only until refilling takes it.
 * So a holder may give back late and still never gets more than a bucket that was whole all along.
 */
function refill(bucket: Bucket, limit: Limit, now: number): Bucket {
  const until = Math.max(now, bucket.at);
  let { level, at } = bucket;
  let live = sum(bucket.outstanding);
  for (const { tokens, endsAt } of bucket.outstanding) {
    if (endsAt > until) break;
    if (endsAt > at) {
      level = raise(level, limit, endsAt - at, live);
      at = endsAt;
    }
    live -= tokens;
  }
  level = raise(level, limit, until - at, live);
  const ended = bucket.outstanding.filter(({ endsAt }) => endsAt <= until);
  const places = room(limit, live) - level;
  const outstanding = [
    ...forgetFirst(ended, sum(ended) - places).slice(-mostEnded),
    ...bucket.outstanding.slice(ended.length),
  ];
  return { ...bucket, level, at: until, outstanding };
}

/** Milliseconds until a settled bucket holds a whole token, if nobody else takes or gives. */
function waitForToken(bucket: Bucket, limit: Limit, now: number): number {
  if (bucket.level >= 1) return 0;
  let from = bucket.at;
  let live = sum(bucket.outstanding);
  // Only a limit that shrank below what is out has no room for one token; its level is 0 until it has.
  for (const { tokens, endsAt } of bucket.outstanding) {
    if (room(limit, live) >= 1) break;
    from = Math.max(from, endsAt);
    live -= tokens;
  }
  return from - now + Math.ceil((grain - Math.round(bucket.level * grain)) / limit.perMinute);
}

function raise(level: number, limit: Limit, elapsedMs: number, live: number): number {
  return Math.min(room(limit, live), (Math.round(level * grain) + limit.perMinute * elapsedMs) / grain);
}

/** What the level may be while `live` tokens are out. None, when the limit shrank below them. */
function room(limit: Limit, live: number): number {
  return Math.max(0, limit.burst - live);
}

/**
 * A clock that falls back a little (another machine, a correction) is waited for, so that no time counts
 * twice. One that was set back takes the bucket's instants along, so that nobody waits until it catches up.
 */
function followClock(bucket: Bucket, now: number): Bucket {
  const backMs = bucket.at - now;
  if (backMs <= clockSlackMs) return bucket;
  return {
    ...bucket,
    at: now,
    lastAskAt: bucket.lastAskAt - backMs,
    outstanding: bucket.outstanding.map((lease) => ({ ...lease, endsAt: lease.endsAt - backMs })),
  };
}
