/**
 * The two leases of the hot path. A Worker isolate that holds both dials without asking anyone.
 * `lifeMs` counts from the moment the isolate asked, on the isolate's own clock, so that a lease
 * always ends there before it ends at the shard that gave it.
 */
import type { Connection, ToolFacts } from "./call.ts";
import type { Conversation } from "./conversation.ts";
import type { Principal } from "./key.ts";
import type { LimitView } from "./limit.ts";

export const leaseLifeMs = 2_000;

/** What became of a lease's tokens since it was last told of, the one used at once left out. Each is told once. */
export interface LeaseReport {
  /** The name the asker gave the lease. */
  readonly lease: string;
  /** Left when the lease ended: given back. */
  readonly unused: number;
  /** Their place in the bucket is free again. */
  readonly used: number;
}

/** The part of an ask that is about tokens. */
export interface LeaseAsk {
  /** What the holder tells of its earlier leases, each token once. Leases of other buckets are passed over. */
  readonly reports: readonly LeaseReport[];
  /** A name for the new lease that no other lease bears. */
  readonly lease: string;
  /** A renewal ahead of need: none of the tokens is used at once. */
  readonly ahead: boolean;
}

export interface AdmitAsk extends LeaseAsk {
  readonly keyId: string;
  /** HMAC-SHA-256 of the presented key, base64url. */
  readonly digest: string;
  /** Ask for tokens of the key's limit on this server too, if it has one. */
  readonly server?: string;
  readonly revision: number;
}

/** Admission: who the caller is, and a block of tokens taken from its bucket. */
export interface Admission {
  readonly principal: Principal;
  /** Tokens granted, the one for the asking request included. Infinity: no limit. */
  readonly tokens: number;
  readonly lifeMs: number;
  /** Servers for which this key has a limit of its own; calls to them need an admission that names them. */
  readonly limitedServers: readonly string[];
  /** The key's limits after the grant; absent when it has none. */
  readonly limits: readonly LimitView[];
}

export interface RouteAsk extends LeaseAsk {
  readonly server: string;
  /** Absent: the connection only. */
  readonly tool?: string;
  /** A legacy client's session that wants a connection of its own. */
  readonly conversation?: Conversation;
  /** For something that is no call, such as listening: no limit counts it. */
  readonly isNoCall?: boolean;
  readonly revision: number;
}

/** Route: where a tool lives and how to speak to it, replicas in balancing order, those with an open breaker left out. */
export interface Route {
  readonly server: string;
  readonly tool?: ToolFacts;
  readonly replicas: readonly Connection[];
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  readonly trusted: boolean;
  /** Tokens of the server's own limit; Infinity when it has none. */
  readonly tokens: number;
  readonly limits: readonly LimitView[];
  readonly lifeMs: number;
  /** How many calls this isolate may have under way with the server: its share of the server's limit. */
  readonly inFlight: number;
  /** For one call, which finds out whether the first replica is well again: no lease to keep. */
  readonly probe?: true;
}
