/** An `input_required` result (2026-07-28, multi round-trip requests), read as text. */
import { isObject } from "../../../core/protocol/json-rpc.ts";
import { memberSpans, memberText } from "../../../core/protocol/json-text.ts";

export interface InputRequest {
  readonly key: string;
  readonly method: string;
  /** `{"method","params"}`, raw JSON. */
  readonly text: string;
}

export interface InputRequired {
  readonly requests: readonly InputRequest[];
  /** The server's `requestState`, raw JSON, to be given back byte for byte. */
  readonly stateText?: string;
}

/** Undefined when it is none: it must ask something, or want to be asked again. */
export function readInputRequired(resultText: string): InputRequired | undefined {
  const stateText = memberText(resultText, "requestState");
  const asked = memberText(resultText, "inputRequests") ?? "{}";
  if (!asked.startsWith("{") || (stateText !== undefined && !stateText.startsWith('"'))) return undefined;
  const requests: InputRequest[] = [];
  for (const [key, { start, end }] of memberSpans(asked)) {
    const text = asked.slice(start, end);
    const request: unknown = JSON.parse(text);
    if (!isObject(request) || typeof request["method"] !== "string") return undefined;
    requests.push({ key, method: request["method"], text });
  }
  if (requests.length === 0 && stateText === undefined) return undefined;
  return { requests, ...(stateText === undefined ? {} : { stateText }) };
}
