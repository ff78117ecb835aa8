/** `prompts/get`: the prompt that the endpoint offers under this name, at the server that has it. */
import { success } from "../../../core/contract/outcome.ts";
import { withMembers } from "../../../core/protocol/splice.ts";
import { relay } from "../bridge/relay.ts";
import { mayUse } from "../offering.ts";
import { rpcError, type Method, type RpcOutcome } from "../rpc-call.ts";
import { rpcCodes } from "../rpc-error.ts";
import { admitFor } from "./admit-for.ts";
import { findNamed } from "./find-named.ts";

export const getPrompt: Method = async (call) => {
  const { name } = call.params;
  if (typeof name !== "string" || name === "") return rpcError(rpcCodes.invalidParams, "The prompt's name is missing");
  const found = await findNamed(call, "prompts", name);
  if (!found.ok) return found.failure.code === "unknown_tool" ? unknownPrompt(name) : found;
  const { server, tool: own } = found.value;
  if (!mayUse(call.caller.principal, server, own)) return unknownPrompt(name);
  const admitted = await admitFor(call, server);
  if (!admitted.ok) return admitted;
  const members = new Map([
    ["name", JSON.stringify(own)],
    ["inputResponses", undefined],
    ["requestState", undefined],
  ]);
  const question = {
    method: "prompts/get",
    paramsText: withMembers(call.paramsText, members),
    name: own,
    safe: true,
  };
  const outcome = await relay(admitted.value, { server, mayAsk: true, question: () => success(question) });
  return !outcome.ok && "failure" in outcome && outcome.failure.code === "unknown_server"
    ? unknownPrompt(name)
    : outcome;
};

export function unknownPrompt(name: string): RpcOutcome {
  return rpcError(rpcCodes.invalidParams, `Unknown prompt: ${name}`);
}
