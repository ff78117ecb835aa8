/** What one exchange with a replica is made of. */
import type { Connection } from "../contract/call.ts";

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
}

export interface Bounds {
  /** Covers connecting, headers and body. */
  readonly deadlineAt: number;
  /** Counted on decoded bytes. */
  readonly maxAnswerBytes: number;
  /** The client's own: gone means stop. */
  readonly signal?: AbortSignal;
}

export interface Answer {
  /** The JSON `result`, byte for byte. */
  readonly resultText: string;
  /** `result.isError`, so that nobody parses twice. */
  readonly isError: boolean;
  /** The server said `list_changed` on this call's stream. */
  readonly listChanged: boolean;
  readonly bytes: number;
  /** The session that an `initialize` opened. */
  readonly sessionId?: string;
}
