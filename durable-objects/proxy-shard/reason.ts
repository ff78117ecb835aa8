/** Failures as sentences for operators: what a server's state is explained with. */
import type { Failure, FailureCode, FieldFault } from "../../core/contract/failure.ts";

const sentences: Partial<Record<FailureCode, string>> = {
  server_unreachable: "The connection failed or broke off",
  outcome_unknown: "The connection failed or broke off",
  server_busy: "It says that it is busy",
  session_lost: "It does not know its own new session",
  answer_empty: "It answered with nothing",
  answer_html: "It answered with a web page: the address is probably not an MCP endpoint",
  answer_not_json: "Its answer is not JSON",
  answer_truncated: "Its answer breaks off",
  answer_wrong_id: "It answered another request than ours",
  answer_invalid: "Its answer is not valid MCP",
  server_down: "It cannot be dialled",
};

export function reasonOf(failure: Failure): string {
  const evidence = "evidence" in failure && failure.evidence ? ` (${failure.evidence})` : "";
  return `${sentenceOf(failure)}${evidence}.`;
}

function sentenceOf(failure: Failure): string {
  const { code } = failure;
  if (code === "server_timeout") return `No complete answer within ${failure.timeoutMs} ms`;
  if (code === "server_status") return `It answered with HTTP status ${failure.status}`;
  if (code === "server_refused_credential") return `It refused our credential with HTTP status ${failure.status}`;
  if (code === "server_redirects") return `It redirects to ${failure.location}`;
  if (code === "server_error") return `It answered with error ${failure.rpcCode}: ${failure.rpcMessage}`;
  if (code === "answer_too_large") return `Its answer is larger than ${failure.limitBytes} bytes`;
  if (code === "target_refused") return `Its address may not be dialled: ${failure.reason}`;
  if (code === "invalid_fields") return `Its registration is not right: ${fieldsOf(failure.fields)}`;
  return sentences[code] ?? `It failed with ${code}`;
}

function fieldsOf(fields: readonly FieldFault[]): string {
  return fields.map(({ path, message }) => `${path} ${message}`).join("; ");
}
