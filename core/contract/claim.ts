/**
 * Claims: what an `Idempotency-Key` stands for. The first request with a key claims it before its call is sent, and
 * leaves the call's outcome there; who comes later with the same key is told that outcome and nothing runs again.
 * A claim lives in the home shard of the API key that made it (draft-ietf-httpapi-idempotency-key-header).
 */
import type { Outcome } from "./outcome.ts";

/** Whose claim, and under which name: the same name of another API key is another claim. */
export interface ClaimName {
  /** The API key's id. */
  readonly owner: string;
  /** The `Idempotency-Key`, unquoted. */
  readonly name: string;
}

export interface ClaimAsk extends ClaimName {
  /** A name that no other attempt bears, so that only who made the claim can conclude it. */
  readonly attempt: string;
  /** Keyed hashes of the request, one for each secret of the ring, the newest first. */
  readonly fingerprints: readonly string[];
  readonly server: string;
  /** When nobody waits for the call any more: with no outcome by then, it is not known. */
  readonly deadlineAt: number;
  readonly revision: number;
}

/** `yours`: run it. `told`: the outcome of the run there was, sealed. */
export type Claimed = { readonly is: "yours" } | { readonly is: "told"; readonly sealed: string };

export interface Conclusion extends ClaimName {
  readonly attempt: string;
  /** The outcome, sealed; null when it is too large to be kept; absent when nothing ran, which frees the name. */
  readonly sealed?: string | null;
  readonly revision: number;
}

/** A claim as a row, on its way to a new home. */
export interface ClaimRecord extends ClaimName {
  readonly attempt: string;
  readonly fingerprint: string;
  readonly server: string;
  readonly deadlineAt: number;
  readonly endsAt: number;
  /** Null: not concluded. Empty: concluded, but too large to be kept. */
  readonly sealed: string | null;
}

export interface ClaimRpc {
  claim(ask: ClaimAsk): Promise<Outcome<Claimed>>;
  conclude(conclusion: Conclusion): Promise<Outcome<void>>;
  /** Asked by the new home of an API key: a copy, and this shard answers for it no more. */
  surrenderClaim(name: ClaimName, revision: number): Promise<Outcome<ClaimRecord | null>>;
  takeClaims(claims: readonly ClaimRecord[]): Promise<void>;
}
