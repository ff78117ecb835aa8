/** One JSON-RPC request to one replica, whatever its kind and era: the hot path of the whole house. */
import type { Networks } from "../contract/bindings.ts";
import type { Failure } from "../contract/failure.ts";
import type { Outcome } from "../contract/outcome.ts";
import { kinds } from "./kinds/index.ts";
import type { Answer, Bounds, Exchange } from "./link.ts";

export type { Answer, Bounds, Exchange, Link } from "./link.ts";

export function exchange(x: Exchange, bounds: Bounds, networks: Networks): Promise<Outcome<Answer>> {
  return kinds[x.connection.kind].exchange(x, bounds, networks);
}

/** The answer itself proves that the request did not run, so it may be sent again. */
export function provesNotExecuted(reason: Failure): boolean {
  return "execution" in reason && reason.execution === "not_executed";
}

/**
 * The server refused how we speak, not what we asked: another version, a session where there was none, no POST.
 * Nothing ran; after a new negotiation the request may be sent again.
 */
export function provesEraChanged(reason: Failure): boolean {
  if (!provesNotExecuted(reason)) return false;
  if (reason.code === "server_error") return reason.rpcCode === -32022;
  return reason.code === "server_status" && (reason.status === 400 || reason.status === 405);
}
