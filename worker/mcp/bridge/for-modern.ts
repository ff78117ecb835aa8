/**
 * A modern client's request. A modern server's rounds are the client's own, with the server's state under our seal. A
 * legacy server asks in the middle of a call, which outlives the client's request then: the shard holds it (parked.ts).
 * See docs/decisions/0011-four-cells.md.
 */
import { failure, type Outcome } from "../../../core/contract/outcome.ts";
import { memberText } from "../../../core/protocol/json-text.ts";
import { withMember } from "../../../core/protocol/result-text.ts";
import { withMembers } from "../../../core/protocol/splice.ts";
import type { Answer, Hooks } from "../../../core/upstream/link.ts";
import { route, type LeasedRoute, type RouteWish } from "../../leases/routes.ts";
import type { Question } from "../../relay/dial.ts";
import { result, rpcError, type RpcCall, type RpcOutcome } from "../rpc-call.ts";
import { rpcCodes } from "../rpc-error.ts";
import { canBeAsked, capabilityFor, knowsTasks, missingFor } from "./capabilities.ts";
import { sendErrand, type Errand } from "./errand.ts";
import { hearingOf } from "./hearing.ts";
import { park, resumeParked } from "./parked.ts";
import { openState, sealState, type HeldState } from "./sealed.ts";
import { withSealedTask } from "./task-id.ts";
import { withUrlQuestions } from "./url-questions.ts";

export async function relayForModern(call: RpcCall, errand: Errand): Promise<RpcOutcome> {
  const held = errand.mayAsk ? await heldState(call) : undefined;
  if (held === "strange" || (held && held.server !== errand.server)) return strangeState();
  if (held?.is === "parked") return withUrlQuestions(call, await resumeParked(call, held));
  const { server, tool } = errand;
  const wish = { server, ...(tool === undefined ? {} : { tool }) };
  const leased = await route(call.house, wish);
  if (!leased.ok) {
    call.caller.giveBack();
    return leased;
  }
  const { route: leasedRoute } = leased.value;
  const paramHeaders = leasedRoute.tool?.paramHeaders ?? [];
  const checked = paramHeaders.length > 0 ? call.checkParams(paramHeaders) : undefined;
  if (checked?.ok === false) return checked;
  const asked = errand.question(leasedRoute);
  if (!asked.ok) return asked;
  const question = asked.value;
  if (leasedRoute.replicas[0]?.era !== "legacy") return relayed(call, wish, leased.value, errand, question, held);
  // The server that made this state spoke as modern ones do.
  if (held) return strangeState();
  if (!errand.mayAsk) return told(call, wish, leased.value, question);
  const isAskable = canBeAsked(call.client.capabilitiesText);
  const said = isAskable ? park(call, errand, leasedRoute, question) : told(call, wish, leased.value, question);
  return withUrlQuestions(call, await said);
}

async function heldState({ params, ...rest }: RpcCall): Promise<HeldState | "strange" | undefined> {
  const sealed = params["requestState"];
  if (sealed === undefined) return undefined;
  return (typeof sealed === "string" ? await openState({ params, ...rest }, sealed) : undefined) ?? "strange";
}

function strangeState(): RpcOutcome {
  return rpcError(
    rpcCodes.invalidParams,
    "This requestState was not given for this request, or is too old. Begin again without it.",
  );
}

/** To a modern server: as the client asked it, but for the state. */
async function relayed(
  call: RpcCall,
  wish: RouteWish,
  leased: LeasedRoute,
  errand: Errand,
  question: Question,
  held: HeldState | undefined,
): Promise<RpcOutcome> {
  const hearing = hearingOf(call, "modern");
  const hooks: Hooks = {
    onNotification(text, method) {
      const notice = hearing.notice(text, method);
      if (notice !== undefined) call.line.send(notice);
    },
    onRequest: () => false,
  };
  const retry = new Map<string, string | undefined>();
  if (errand.mayAsk) {
    const given = memberText(call.paramsText, "inputResponses");
    if (given !== undefined) retry.set("inputResponses", given);
    if (held?.is === "servers") retry.set("requestState", held.stateText);
  }
  const whole: Question = {
    ...question,
    ...hearing.extras,
    paramsText: retry.size > 0 ? withMembers(question.paramsText, retry) : question.paramsText,
    takesInputRequired: errand.mayAsk,
    clientCapabilitiesText: call.client.capabilitiesText,
  };
  const answered = await sendErrand(call, wish, leased, whole, { hooks });
  return answered.ok ? concluded(call, errand, answered.value) : answered;
}

async function concluded(call: RpcCall, errand: Errand, { resultText, resultType }: Answer): Promise<RpcOutcome> {
  const { server } = errand;
  if (resultType === "task") {
    if (knowsTasks(call.client.capabilitiesText)) return result(await withSealedTask(call, errand, resultText));
    return failure({
      code: "answer_invalid",
      server,
      execution: "unknown",
      evidence: "a task for a client that knows no tasks",
    });
  }
  const stateText = resultType === "input_required" ? memberText(resultText, "requestState") : undefined;
  if (stateText === undefined) return result(resultText);
  const sealed = await sealState(call, { is: "servers", server, stateText });
  return result(withMember(resultText, "requestState", JSON.stringify(sealed)));
}

/**
 * To a legacy server, for a client that cannot be asked anything. What the server asks all the same is refused; a call
 * that fails after that has failed for want of the capability, and the client is told so.
 */
async function told(call: RpcCall, wish: RouteWish, leased: LeasedRoute, question: Question): Promise<RpcOutcome> {
  const hearing = hearingOf(call, "legacy");
  const refused = new Set<string>();
  const hooks: Hooks = {
    onNotification(text, method) {
      const notice = hearing.notice(text, method);
      if (notice !== undefined) call.line.send(notice);
    },
    onRequest({ method }) {
      if (capabilityFor(method) !== undefined) refused.add(method);
      return false;
    },
  };
  const answered = await sendErrand(call, wish, leased, { ...question, ...hearing.extras }, { hooks });
  if (refused.size > 0 && hasFailed(answered)) return missingFor(refused);
  if (answered.ok) return result(answered.value.resultText);
  const { failure: reason } = answered;
  return reason.code === "interaction_required" ? missingFor(reason.asked.split(", ")) : answered;
}

function hasFailed(answered: Outcome<Answer>): boolean {
  return answered.ok ? answered.value.isError : answered.failure.code === "server_error";
}
