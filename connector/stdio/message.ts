/** JSON-RPC messages as text: what has to be known of one to carry it. The text itself stays as it was written. */
import { memberSpans, type Span } from "../../core/protocol/json-text.ts";

export type Message =
  | { readonly is: "request"; readonly idText: string; readonly method: string; readonly params: Span | undefined }
  | { readonly is: "notification"; readonly method: string; readonly params: Span | undefined }
  | { readonly is: "response"; readonly idText: string; readonly error: Span | undefined };

/** Undefined: not JSON-RPC. Whether the JSON is valid to its end is for the reader of the answer to judge. */
export function readMessage(text: string): Message | undefined {
  if (!text.startsWith("{")) return undefined;
  const spans = memberSpans(text);
  if (!spans.has("jsonrpc")) return undefined;
  const id = spans.get("id");
  const idText = id && text.slice(id.start, id.end);
  const method = stringAt(text, spans.get("method"));
  const params = spans.get("params");
  if (method !== undefined) {
    return idText === undefined || idText === "null"
      ? { is: "notification", method, params }
      : { is: "request", idText, method, params };
  }
  return idText === undefined ? undefined : { is: "response", idText, error: spans.get("error") };
}

function stringAt(text: string, span: Span | undefined): string | undefined {
  if (!span || text.charCodeAt(span.start) !== 0x22) return undefined;
  const raw = text.slice(span.start + 1, span.end - 1);
  return raw.includes("\\") ? unescaped(text.slice(span.start, span.end)) : raw;
}

function unescaped(quoted: string): string | undefined {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return undefined;
  }
}

/** The raw value at a path of members below `start`. */
export function valueAt(text: string, start: Span | undefined, path: readonly string[]): string | undefined {
  let at = start;
  for (const name of path) at = at && memberSpans(text, at.start).get(name);
  return at && text.slice(at.start, at.end);
}

/** Of a request that wants to hear of its progress, the token, raw. */
export function progressTokenOf(text: string, params: Span | undefined): string | undefined {
  return text.includes('"progressToken"') ? valueAt(text, params, ["_meta", "progressToken"]) : undefined;
}

/** One line, as stdio wants it: line feeds in valid JSON stand between values only. */
export function asLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]+/g, " ") : text;
}

export function eventText(message: string): string {
  return `event: message\ndata: ${message}\n\n`;
}

export function errorText(idText: string, code: number, message: string): string {
  return `{"jsonrpc":"2.0","id":${idText},"error":{"code":${code},"message":${JSON.stringify(message)}}}`;
}
