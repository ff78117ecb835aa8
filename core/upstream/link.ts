/** What one exchange with a replica is made of. */
import type { Connection } from "../contract/call.ts";
import type { CancelSignal } from "./cancellation.ts";

/** A connection, to those who only speak over it. */
export type Link = Omit<Connection, "generation">;

export interface Exchange {
  readonly connection: Link;
  /** The server's id, for failures. */
  readonly server: string;
  readonly method: string;
  /** The params as JSON object text, without `_meta`. */
  readonly paramsText: string;
  /** Tool or prompt name, resource URI: mirrored as `Mcp-Name` toward modern servers. */
  readonly name?: string;
  /** Whole header names and encoded values, see core/protocol/param-headers. */
  readonly paramHeaders?: Readonly<Record<string, string>>;
  /** Safe to ask again: decides how a broken connection is named. */
  readonly safe: boolean;
  /**
   * What the client can do, a JSON object as text. Modern servers are told with each request, HTTP+SSE ones with each
   * call's own `initialize`; other legacy servers were told when the connection was made.
   */
  readonly clientCapabilitiesText?: string;
  /** Modern servers only: how much they may log on this request's stream. */
  readonly logLevel?: string;
  /** Ours, and no other exchange's: the server names it in its progress notifications. */
  readonly progressToken?: string;
  /** The client's own `_meta`, a JSON object as text; what belongs to one hop is left out of it here. */
  readonly metaText?: string;
  /** The door can carry `input_required` and extensions' results such as `task`: they are answers, not failures. */
  readonly takesInputRequired?: boolean;
}

/** What a legacy server asks of the client in the middle of a call, or on a stream that is listened to. */
export interface ServerRequest {
  readonly method: string;
  /** Raw JSON. */
  readonly idText: string;
  /** The whole message, raw JSON. */
  readonly text: string;
  /** HTTP+SSE only: where its `reply` must go, since every call has an address of its own. */
  readonly replyUrl?: string;
}

/** Who listens to what a server says besides its answer. Called in the order in which the server spoke. */
export interface Hooks {
  /** `text` is the whole message, raw JSON. */
  onNotification(text: string, method: string): void;
  /** True: somebody will `reply()`. False: it is answered here, pings with yes and all else with no. */
  onRequest(request: ServerRequest): boolean;
  /** A legacy server's own stream is open: what it says there from now on is heard. */
  onOpen?(): void;
}

export interface Bounds {
  /** Covers connecting, headers and body. */
  readonly deadlineAt: number;
  /** Counted on decoded bytes. */
  readonly maxAnswerBytes: number;
  /**
   * The invocation that asks ends with its answer, and the runtime then closes its sockets: nothing needs aborting.
   * True of a Worker that answers one request; never of an object, which lives on.
   */
  readonly endsWithAnswer?: boolean;
  /**
   * Calls back when the exchange has lasted for a while, if it does, and well before its deadline: whoever asks has a
   * timer running anyway, so that a call that ends soon needs none of its own.
   */
  readonly whenLate?: (then: () => void) => void;
  /** The client's own: gone means stop. */
  readonly signal?: CancelSignal;
  readonly hooks?: Hooks;
  /** Given the work of telling a legacy server that its call is cancelled; it never rejects and ends by itself. */
  readonly onCancelled?: (work: Promise<void>) => void;
}

export interface Answer {
  /** The JSON `result`, byte for byte. */
  readonly resultText: string;
  /** `complete`; with `takesInputRequired` also `input_required` or an extension's word. */
  readonly resultType: string;
  /** `result.isError`, so that nobody parses twice. */
  readonly isError: boolean;
  /** The server said `list_changed` on this call's stream. */
  readonly listChanged: boolean;
  readonly bytes: number;
  /** The session that an `initialize` opened. */
  readonly sessionId?: string;
}
