/** The neutral language inside the house: nobody past the doors sees a Request, a status or an SSE frame. */
import type { Execution } from "./failure.ts";
import type { Era, Kind } from "./server.ts";

/** One tool call. `argumentsText` is the caller's JSON, byte for byte (numbers beyond 2^53 survive). */
export interface Call {
  readonly server: string;
  readonly tool: string;
  readonly argumentsText: string;
  readonly requestId: string;
  /** Epoch ms after which nobody waits any more. */
  readonly deadlineAt: number;
}

/** One tool's answer. `resultText` is the server's JSON `result` object, byte for byte. */
export interface Reply {
  readonly server: string;
  readonly tool: string;
  readonly resultText: string;
  readonly isError: boolean;
}

/** Our state toward one replica: a row in the shard, never a socket. */
export interface Connection {
  readonly replica: string;
  readonly url: string;
  readonly kind: Kind;
  readonly era: Era;
  readonly protocolVersion: string;
  readonly sessionId?: string;
  /** The credential in clear; lives in memory and in leases only. */
  readonly headers: Readonly<Record<string, string>>;
  /** `private` may reach loopback and private addresses; `connector` is a socket that a connector holds open to us. */
  readonly network: "public" | "private" | "connector";
  /** Counts up with each (re)negotiation, so that a stale report of a lost session is recognised. */
  readonly generation: number;
}

/** What the relay must know of a tool before it dials. */
export interface ToolFacts {
  readonly name: string;
  /** Arguments mirrored into `Mcp-Param-*` headers toward modern servers (`x-mcp-header`). */
  readonly paramHeaders: readonly ParamHeader[];
  readonly readOnly: boolean;
  readonly idempotent: boolean;
}

export interface ParamHeader {
  readonly header: string;
  readonly path: readonly string[];
}

/** What became of one call; goes to the owning shard in batches, never on the caller's time. */
export interface Receipt {
  readonly server: string;
  readonly replica: string;
  readonly tool: string;
  readonly at: number;
  readonly latencyMs: number;
  /** `ok`, `tool_error`, or the failure's code. */
  readonly result: string;
  readonly execution?: Execution;
  /** The HTTP status, where that is what failed. */
  readonly status?: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** It was the one call that was to find out whether the replica is well again. */
  readonly probe?: true;
  /** Nothing of the replica: the caller left, or gave it too little time, or it was not asked after all. */
  readonly saysNothing?: true;
  /** The attempt was followed by another: no call of its own. */
  readonly wasRepeated?: true;
  /** The server said `list_changed` on this call's stream. */
  readonly listChanged?: boolean;
}
