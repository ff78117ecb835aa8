/**
 * A legacy server that wants the client's user to open an address first says so with an error of its era (−32042), and
 * is simply called again afterwards (2025-11-25, "elicitation", URL mode). The modern era says the same with
 * `input_required`; the error itself must not be used there.
 */
import { isObject } from "../../../core/protocol/json-rpc.ts";
import { elementSpans, memberText } from "../../../core/protocol/json-text.ts";
import { result, type RpcCall, type RpcOutcome } from "../rpc-call.ts";
import { rpcCodes } from "../rpc-error.ts";

/** The outcome as a modern client understands it. Needs no state: the retry is a call like the first. */
export function withUrlQuestions({ client, params }: RpcCall, outcome: RpcOutcome): RpcOutcome {
  if (outcome.ok || "error" in outcome || outcome.failure.code !== "server_error") return outcome;
  const { rpcCode, rpcData = "{}" } = outcome.failure;
  const elicitation = memberText(client.capabilitiesText, "elicitation") ?? "{}";
  if (rpcCode !== rpcCodes.urlElicitationRequired || memberText(elicitation, "url") === undefined) return outcome;
  const listText = memberText(rpcData, "elicitations") ?? "[]";
  const { inputResponses } = params;
  const requests: string[] = [];
  for (const { start, end } of elementSpans(listText)) {
    const text = listText.slice(start, end);
    const id: unknown = JSON.parse(memberText(text, "elicitationId") ?? "null");
    if (typeof id !== "string") return outcome;
    // Who was asked already and did not agree is not asked again.
    const given = isObject(inputResponses) ? inputResponses[id] : undefined;
    if (isObject(given) && given["action"] !== "accept") return outcome;
    requests.push(`${JSON.stringify(id)}:{"method":"elicitation/create","params":${text}}`);
  }
  if (requests.length === 0) return outcome;
  return result(`{"resultType":"input_required","inputRequests":{${requests.join(",")}}}`);
}
