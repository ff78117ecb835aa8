/** `completion/complete`: for an argument of a prompt, by the name it is offered under; or of a template, by its text. */
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import { isObject } from "../../../core/protocol/json-rpc.ts";
import { memberText } from "../../../core/protocol/json-text.ts";
import { withMember } from "../../../core/protocol/result-text.ts";
import { relay } from "../bridge/relay.ts";
import { mayUse } from "../offering.ts";
import { rpcError, type Method, type RpcCall } from "../rpc-call.ts";
import { rpcCodes } from "../rpc-error.ts";
import { admitFor } from "./admit-for.ts";
import { findNamed } from "./find-named.ts";
import { findTemplate } from "./find-resource.ts";

interface Target {
  readonly server: string;
  readonly paramsText: string;
}

export const complete: Method = async (call) => {
  const { ref } = call.params;
  const target = await targetOf(call, isObject(ref) ? ref : {});
  if (!target.ok) return target;
  if (target.value === undefined) return rpcError(rpcCodes.invalidParams, "There is nothing like this to complete");
  const { server, paramsText } = target.value;
  const admitted = await admitFor(call, server);
  if (!admitted.ok) return admitted;
  const question = { method: "completion/complete", paramsText, safe: true };
  return relay(admitted.value, { server, mayAsk: false, question: () => success(question) });
};

async function targetOf(call: RpcCall, ref: Readonly<Record<string, unknown>>): Promise<Outcome<Target | undefined>> {
  const { type, name, uri } = ref;
  const { paramsText, caller } = call;
  if (type === "ref/resource" && typeof uri === "string") {
    const server = await findTemplate(call, uri);
    if (!server.ok) return server;
    return success(server.value === undefined ? undefined : { server: server.value, paramsText });
  }
  if (type !== "ref/prompt" || typeof name !== "string") return success(undefined);
  const found = await findNamed(call, "prompts", name);
  if (!found.ok) return found.failure.code === "unknown_tool" ? success(undefined) : found;
  const { server, tool } = found.value;
  if (!mayUse(caller.principal, server, tool)) return success(undefined);
  const refText = withMember(memberText(paramsText, "ref") ?? "{}", "name", JSON.stringify(tool));
  return success({ server, paramsText: withMember(paramsText, "ref", refText) });
}
