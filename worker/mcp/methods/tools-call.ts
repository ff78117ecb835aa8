/** `tools/call`: the tool that the endpoint offers under this name, at the server that has it. */
import type { Route } from "../../../core/contract/leases.ts";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import { isObject } from "../../../core/protocol/json-rpc.ts";
import { memberText } from "../../../core/protocol/json-text.ts";
import { applyFixed } from "../../../core/protocol/redefine.ts";
import { withMembers } from "../../../core/protocol/splice.ts";
import { looksShortened } from "../../../core/policies/names.ts";
import type { Question } from "../../relay/dial.ts";
import { withNearest } from "../../relay/suggest.ts";
import { toolQuestion } from "../../relay/tool-question.ts";
import { relay } from "../bridge/relay.ts";
import { mayUse } from "../offering.ts";
import { result, rpcError, type Method, type RpcCall, type RpcOutcome } from "../rpc-call.ts";
import { asToolResult, rpcCodes } from "../rpc-error.ts";
import { admitFor } from "./admit-for.ts";
import { findNamed, type Found } from "./find-named.ts";

export const callTool: Method = async (call) => {
  const { name, arguments: given } = call.params;
  if (typeof name !== "string" || name === "") return rpcError(rpcCodes.invalidParams, "The tool's name is missing");
  if (given !== undefined && !isObject(given)) {
    return rpcError(rpcCodes.invalidParams, "The arguments must be an object");
  }
  const found = await findNamed(call, "tools", name);
  if (!found.ok) return found;
  const { server, tool } = found.value;
  const { principal } = call.caller;
  // What a shortened name stands for, only the route tells.
  if (!looksShortened(tool) && !mayUse(principal, server, tool)) return unknown(call, found.value);
  const admitted = await admitFor(call, server);
  if (!admitted.ok) return admitted;
  const outcome = await relay(admitted.value, {
    server,
    tool,
    mayAsk: true,
    question: (route) => questionFor(call, found.value, route),
  });
  return outcome.ok || "error" in outcome ? outcome : failed(call, found.value, outcome);
};

function questionFor(call: RpcCall, { server, tool, changes }: Found, route: Route): Outcome<Question> {
  const name = route.tool?.name ?? tool;
  if (!mayUse(call.caller.principal, server, name)) {
    return { ok: false, failure: { code: "unknown_tool", tool: name, nearest: [] } };
  }
  const given = memberText(call.paramsText, "arguments");
  const argumentsText = changes ? applyFixed(given ?? "{}", changes) : given;
  const members = new Map([
    ["name", JSON.stringify(name)],
    ["arguments", argumentsText],
    // Of a retry, which is the bridge's to carry on; and of the tasks of 2025-11-25, which we do not offer.
    ["inputResponses", undefined],
    ["requestState", undefined],
    ["task", undefined],
  ]);
  const question = toolQuestion(route, tool, argumentsText ?? "{}");
  return success({ ...question, paramsText: withMembers(call.paramsText, members) });
}

/** A tool that a key may not use does not exist for it. */
async function unknown({ house, offering, caller, deadlineAt }: RpcCall, { server, tool }: Found): Promise<RpcOutcome> {
  // Names of other servers mean nothing elsewhere.
  if (offering.is !== "everything") return { ok: false, failure: { code: "unknown_tool", tool, nearest: [] } };
  const call = { server, tool, argumentsText: "{}", requestId: house.requestId, deadlineAt };
  const said = await withNearest(house, call, caller.principal);
  return said.ok ? said.value : said;
}

type Failed = Extract<RpcOutcome, { readonly failure: unknown }>;

/** When the tool may have run, its model should know; when it was never reached, its client. */
async function failed(call: RpcCall, found: Found, outcome: Failed): Promise<RpcOutcome> {
  const { failure } = outcome;
  if (failure.code === "unknown_tool" || failure.code === "unknown_server") return unknown(call, found);
  const isOpen = "execution" in failure && failure.execution === "unknown" && failure.code !== "server_error";
  return isOpen ? result(asToolResult(failure, call.client.era, call.house.requestId)) : outcome;
}
