/** From a message that claims to answer us to the answer, or to the name of what is wrong with it. */
import { failure, success, type Outcome } from "../contract/outcome.ts";
import { eras } from "../protocol/eras/index.ts";
import type { Received } from "../protocol/json-rpc.ts";
import type { Answer, Exchange } from "./link.ts";
import { refuse, rpcError } from "./refusal.ts";

export function conclude(x: Exchange, received: Received, bytes: number, listChanged: boolean): Outcome<Answer> {
  if (received.is === "result") return final(x, received, bytes, listChanged);
  if (received.is === "error") return rpcError(x, received);
  if (received.is === "stranger") return refuse(x, "answer_wrong_id");
  if (received.is === "truncated") return refuse(x, "answer_truncated", "the JSON is cut off");
  if (received.is === "not_json") return refuse(x, "answer_not_json");
  if (received.is === "invalid") return refuse(x, "answer_invalid", received.why);
  return refuse(x, "answer_invalid", `asked ${received.method} instead of answering`);
}

/** A result is an answer when its era calls it final. Nothing is stripped from it. */
function final(
  x: Exchange,
  { resultText, result }: Extract<Received, { is: "result" }>,
  bytes: number,
  listChanged: boolean,
): Outcome<Answer> {
  const isError = result["isError"] === true;
  const verdict = eras[x.connection.era].verdict(result);
  if (verdict.is === "complete") return success({ resultText, resultType: "complete", isError, listChanged, bytes });
  const { resultType } = result;
  if (x.takesInputRequired && typeof resultType === "string") {
    return success({ resultText, resultType, isError, listChanged, bytes });
  }
  if (verdict.is === "input_required") {
    return failure({ code: "interaction_required", server: x.server, execution: "unknown", asked: verdict.asked });
  }
  return refuse(x, "answer_invalid", `resultType ${verdict.resultType} is not known`);
}
