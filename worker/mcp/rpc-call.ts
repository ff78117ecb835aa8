/** One JSON-RPC request of a client, as the method table sees it: era and transport are behind us. */
import type { CancelSignal } from "../../core/upstream/cancellation.ts";
import type { ParamHeader } from "../../core/contract/call.ts";
import type { Failure } from "../../core/contract/failure.ts";
import type { Era } from "../../core/contract/server.ts";
import type { Checked } from "../../core/protocol/protocol-error.ts";
import type { House } from "../house.ts";
import type { Identity } from "../identity/index.ts";
import type { Admitted } from "../leases/admissions.ts";

/** Nobody waits longer for an answer; a server's own limit is mostly shorter. */
export const longestCallMs = 300_000;

/** What an endpoint shows: every server, one server with its names untouched, or a toolset. */
export type Offering =
  | { readonly is: "everything" }
  | { readonly is: "server"; readonly server: string }
  | { readonly is: "toolset"; readonly toolset: string };

/** Who is speaking, as far as its era tells. */
export interface Client {
  readonly era: Era;
  readonly protocolVersion: string;
  /** Declared capabilities, a JSON object as text. */
  readonly capabilitiesText: string;
  /** Modern: of this request's envelope. Legacy: what `logging/setLevel` said last. */
  readonly logLevel?: string;
  /** Legacy only: the session that the request came in. */
  readonly session?: Session;
}

/** A legacy client's session: all of it travels in the sealed `Mcp-Session-Id`. */
export interface Session {
  readonly id: string;
  /** Where its state lives. */
  readonly shard: number;
  readonly keyId: string;
  /** Path of the endpoint it was opened on. */
  readonly endpoint: string;
  readonly protocolVersion: string;
  readonly capabilitiesText: string;
  readonly endsAt: number;
}

/** A request that lasts longer is answered with a stream, and is worth timers and addresses of its own. */
export const lateMs = 2_000;

/** The client's end of the line while its request is being answered. */
export interface Line {
  /** False when the client takes one JSON document only: whatever else is sent is lost. */
  readonly carries: boolean;
  /** Sends a notification or a request to the client, on this request's own stream. */
  send(messageText: string): void;
  /** Calls back at once, if the request has lasted for `lateMs`, or when it has. */
  whenLate(then: () => void): void;
  /** Aborts when the client has gone or has cancelled. */
  readonly signal: CancelSignal;
}

export interface RpcCall {
  readonly house: House;
  readonly identity: Identity;
  /**
   * Admitted with a token; for the server too when the endpoint or the name itself says which. Whoever finds the server
   * out later gives the token back and asks `admit(house, identity, server)`, for keys with a limit on that server.
   */
  readonly caller: Admitted;
  readonly offering: Offering;
  readonly client: Client;
  readonly method: string;
  /** The request's id, raw JSON. */
  readonly idText: string;
  /** Parsed, for looking; `paramsText` is what travels: as the client wrote it, without `_meta`. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly paramsText: string;
  /** The client's `_meta.progressToken`, raw JSON, when it wants progress. */
  readonly progressTokenText?: string;
  /** The rest of the client's `_meta`, such as trace context: a JSON object as text. */
  readonly metaText?: string;
  /** Whether the client's `Mcp-Param-*` headers say what its arguments say; legacy clients send none. */
  checkParams(paramHeaders: readonly ParamHeader[]): Checked<undefined>;
  readonly deadlineAt: number;
  readonly line: Line;
}

/** A JSON-RPC error that goes to the client as it is: the server's own, or one that the protocol prescribes. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  /** JSON text. */
  readonly dataText?: string;
  /** HTTP status of a plain JSON answer; 200 when the era puts errors in band. */
  readonly status?: number;
}

export type RpcOutcome =
  /** `dressed`: it has already what the client's era wants of a result, see answer.ts. */
  | { readonly ok: true; readonly resultText: string; readonly dressed?: true }
  | { readonly ok: false; readonly error: RpcError }
  | { readonly ok: false; readonly failure: Failure };

/** A method. What an era or an offering lacks is missing from its table, and so answers −32601. */
export type Method = (call: RpcCall) => Promise<RpcOutcome>;

export function result(resultText: string): RpcOutcome {
  return { ok: true, resultText };
}

export function rpcError(code: number, message: string, more: Omit<RpcError, "code" | "message"> = {}): RpcOutcome {
  return { ok: false, error: { code, message, ...more } };
}
