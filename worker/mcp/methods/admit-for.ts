/** The server of a call is sometimes known only after the door: a key may have a limit of its own on it. */
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import { splitName } from "../../../core/policies/names.ts";
import { admit } from "../../leases/admissions.ts";
import type { RpcCall } from "../rpc-call.ts";

/** The call, admitted for this very server. */
export async function admitFor(call: RpcCall, server: string): Promise<Outcome<RpcCall>> {
  if (saysServer(call, server)) return success(call);
  call.caller.giveBack();
  const admitted = await admit(call.house, call.identity, server);
  return admitted.ok ? success({ ...call, caller: admitted.value }) : admitted;
}

/** As the door reads it, see entry.ts. */
function saysServer({ offering, params }: RpcCall, server: string): boolean {
  if (offering.is === "server") return true;
  const { name } = params;
  return offering.is === "everything" && typeof name === "string" && splitName(name)?.server === server;
}
