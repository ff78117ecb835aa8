/** The life of a call, past its door: admit, route, dial, settle. Every way a call can go is on this screen. */
import type { Call, Reply } from "../../core/contract/call.ts";
import { success, type Outcome } from "../../core/contract/outcome.ts";
import { allowed, looksShortened, qualify } from "../../core/policies/names.ts";
import type { Answer } from "../../core/upstream/exchange.ts";
import type { House } from "../house.ts";
import type { Admitted } from "../leases/admissions.ts";
import { route } from "../leases/routes.ts";
import { boundsOf, dial, wasHurried } from "./dial.ts";
import { settleDialed } from "./receipts.ts";
import { withNearest } from "./suggest.ts";
import { toolQuestion } from "./tool-question.ts";

export async function answer(house: House, call: Call, caller: Admitted): Promise<Outcome<Reply>> {
  const { principal } = caller;
  const mayUse = (tool: string): boolean => allowed(principal.tools, qualify(call.server, tool));
  // What a shortened name stands for, only the route tells.
  const isShortened = looksShortened(call.tool);
  if (!isShortened && !mayUse(call.tool)) return withNearest(house, call, principal);

  const routed = await route(house, call);
  if (!routed.ok) {
    caller.giveBack();
    return withNearest(house, call, principal, routed.failure);
  }

  const { route: leased, shard } = routed.value;
  if (isShortened && !mayUse(leased.tool?.name ?? call.tool)) return withNearest(house, call, principal);
  const { tool, argumentsText, deadlineAt } = call;
  const dialed = await dial(house, call, leased, toolQuestion(leased, tool, argumentsText), {
    ...boundsOf(leased, deadlineAt),
    endsWithAnswer: true,
  });
  settleDialed(house, shard, dialed, tool, argumentsText.length, wasHurried(dialed, leased, deadlineAt));
  return dialed.outcome.ok ? success(replyOf(call, dialed.outcome.value)) : dialed.outcome;
}

function replyOf({ server, tool }: Call, { resultText, isError }: Answer): Reply {
  return { server, tool, resultText, isError };
}
