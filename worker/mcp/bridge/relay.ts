/** One request of a client to one server, whatever the eras of the two: docs/decisions/0011-four-cells.md. */
import type { RpcCall, RpcOutcome } from "../rpc-call.ts";
import type { Errand } from "./errand.ts";
import { relayForLegacy } from "./for-legacy.ts";
import { relayForModern } from "./for-modern.ts";

export function relay(call: RpcCall, errand: Errand): Promise<RpcOutcome> {
  return call.client.era === "modern" ? relayForModern(call, errand) : relayForLegacy(call, errand);
}
