/** The life of a call, past its door: admit, route, dial, settle. Every way a call can go is on this screen. */
import type { Call, Reply } from "../../core/contract/call.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { allows } from "../../core/contract/scope.ts";
import { allowed, qualify } from "../../core/policies/names.ts";
import type { House } from "../house.ts";
import type { Identity } from "../identity/index.ts";
import { admit, type Admitted } from "../leases/admissions.ts";
import { route } from "../leases/routes.ts";
import { dial, type Dialed } from "./dial.ts";
import { receiptOf, settle } from "./receipts.ts";
import { withNearest } from "./suggest.ts";

export async function answer(house: House, call: Call, caller: Admitted): Promise<Outcome<Reply>> {
  const { principal } = caller;
  if (!allowed(principal.tools, qualify(call.server, call.tool))) return withNearest(house, call, principal);

  const routed = await route(house, call.server, call.tool);
  if (!routed.ok) {
    caller.giveBack();
    return withNearest(house, call, principal, routed.failure);
  }

  const dialed = await dial(house, call, routed.value.route);
  settle(house, routed.value.shard, receiptOf(call, routed.value.route, dialed));
  return dialed.outcome;
}
