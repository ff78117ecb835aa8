/** One JSON-RPC request to one replica, whatever its kind and era: the hot path of the whole house. */
import type { Networks } from "../contract/bindings.ts";
import type { Connection } from "../contract/call.ts";
import type { Failure } from "../contract/failure.ts";
import { failure, type Outcome } from "../contract/outcome.ts";
import type { Era } from "../contract/server.ts";

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
  readonly paramHeaders?: Readonly<Record<string, string>>;
  /** Safe to ask again: decides how a broken connection is named. */
  readonly safe: boolean;
}

export interface Bounds {
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
  readonly sessionId?: string;
}

export async function exchange(x: Exchange, _bounds: Bounds, _networks: Networks): Promise<Outcome<Answer>> {
  return failure({ code: "server_unreachable", server: x.server, execution: "not_executed" });
}

/** The server has changed eras since we negotiated: negotiate anew. */
export function provesEraChanged(_reason: Failure, _era?: Era): boolean {
  return false;
}

/** The answer itself proves that the request did not run, so it may be sent again. */
export function provesNotExecuted(reason: Failure): boolean {
  return "execution" in reason && reason.execution === "not_executed";
}
