/** `resources/read`: URIs are the servers' own, so which server is asked is found by what they list. */
import { success } from "../../../core/contract/outcome.ts";
import { memberSpans } from "../../../core/protocol/json-text.ts";
import { withMembers } from "../../../core/protocol/splice.ts";
import { relay } from "../bridge/relay.ts";
import { rpcError, type Method, type RpcOutcome } from "../rpc-call.ts";
import { resourceNotFound, rpcCodes } from "../rpc-error.ts";
import { admitFor } from "./admit-for.ts";
import { findResource } from "./find-resource.ts";

export const readResource: Method = async (call) => {
  const { uri } = call.params;
  const { era } = call.client;
  if (typeof uri !== "string" || uri === "") return rpcError(rpcCodes.invalidParams, "The uri is missing");
  const found = await findResource(call, uri);
  if (!found.ok) return found;
  const server = found.value;
  if (server === undefined) return resourceNotFound(uri, era);
  const admitted = await admitFor(call, server);
  if (!admitted.ok) return admitted;
  const members = new Map([
    ["inputResponses", undefined],
    ["requestState", undefined],
  ]);
  const question = {
    method: "resources/read",
    paramsText: withMembers(call.paramsText, members),
    name: uri,
    safe: true,
  };
  const outcome = await relay(admitted.value, { server, mayAsk: true, question: () => success(question) });
  if (outcome.ok) return era === "modern" ? { ...outcome, resultText: withHint(outcome.resultText) } : outcome;
  return isNotFound(outcome) ? resourceNotFound(uri, era) : outcome;
};

/** A legacy server does not say how long its answer may be kept: not at all, and by nobody else. */
function withHint(resultText: string): string {
  const members = memberSpans(resultText);
  if (!members.has("contents") || (members.has("ttlMs") && members.has("cacheScope"))) return resultText;
  return withMembers(
    resultText,
    new Map([
      ["ttlMs", "0"],
      ["cacheScope", '"private"'],
    ]),
  );
}

/** Legacy servers have a code of their own for it; modern ones say it with the URI beside a common one. */
function isNotFound(outcome: RpcOutcome): boolean {
  if (outcome.ok || "error" in outcome) return false;
  const { failure } = outcome;
  if (failure.code === "unknown_server") return true;
  if (failure.code !== "server_error") return false;
  if (failure.rpcCode === rpcCodes.resourceNotFound) return true;
  return failure.rpcCode === rpcCodes.invalidParams && (failure.rpcData?.includes('"uri"') ?? false);
}
