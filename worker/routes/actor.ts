import type { Actor } from "../../core/contract/fleet-rpc.ts";
import type { Caller, House } from "../house.ts";

/** Who stands in the audit trail for what this request changes. */
export function actorOf({ caller, house }: { readonly caller: Caller; readonly house: House }): Actor {
  return { keyId: caller.principal.keyId, requestId: house.requestId };
}
