/** JSON-RPC 2.0 on the wire: requests by concatenation, answers as raw slices. */
import { endsTooEarly, memberText, tooHeavy } from "./json-text.ts";

export interface ReceivedError {
  readonly is: "error";
  readonly code: number;
  readonly message: string;
  readonly dataText?: string;
  /** It carries our id; else its id is null, for a request that was not understood. */
  readonly addressed: boolean;
}

/** What one received message is to whoever waits for the answer to request `id`. */
export type Received =
  | { readonly is: "result"; readonly resultText: string; readonly result: Readonly<Record<string, unknown>> }
  | ReceivedError
  | { readonly is: "request"; readonly method: string; readonly idText: string }
  | { readonly is: "notification"; readonly method: string }
  /** An answer, but to something else. */
  | { readonly is: "stranger" }
  | { readonly is: "truncated" }
  | { readonly is: "not_json" }
  /** JSON, but not JSON-RPC as we asked for it; `addressed`: with our id. */
  | { readonly is: "invalid"; readonly why: string; readonly addressed: boolean };

let prefix = "";
let count = 0;

/**
 * An id that no other request of the same session has, from whatever isolate it comes: servers key
 * the requests in flight by it. A string, since some servers hold number ids in 32 bits.
 */
export function nextRequestId(): string {
  // Not at module level: workerd gives no randomness outside a request.
  prefix ||= `p${crypto.getRandomValues(new Uint32Array(2)).reduce((text, word) => text + word.toString(36), "")}-`;
  return prefix + ++count;
}

export function requestText(id: string, method: string, paramsText: string): string {
  return `{"jsonrpc":"2.0","id":"${id}","method":${JSON.stringify(method)},"params":${paramsText}}`;
}

export function notificationText(method: string): string {
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)}}`;
}

/** Answers a server that asks us something: pings yes, all else no, as we declare no client capabilities. */
export function replyText(method: string, idText: string): string {
  return method === "ping"
    ? `{"jsonrpc":"2.0","id":${idText},"result":{}}`
    : `{"jsonrpc":"2.0","id":${idText},"error":{"code":-32601,"message":"Method not found"}}`;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(why: string, addressed: boolean): Received {
  return { is: "invalid", why, addressed };
}

/**
 * A result in one of the two frames that nearly all servers write: what stands between the frame's halves is the
 * result, if it is JSON by itself; then the whole is valid too, so that nothing is parsed or walked twice.
 */
function framedResult(message: string, id: string): Received | undefined {
  const text = message.trimEnd();
  const head = `{"jsonrpc":"2.0","id":"${id}","result":`;
  const tail = `,"jsonrpc":"2.0","id":"${id}"}`;
  let resultText: string;
  if (text.startsWith(head) && text.endsWith("}")) resultText = text.slice(head.length, -1);
  else if (text.startsWith('{"result":') && text.endsWith(tail)) resultText = text.slice(10, -tail.length);
  else return undefined;
  try {
    const result: unknown = JSON.parse(resultText);
    return isObject(result) ? { is: "result", resultText, result } : undefined;
  } catch {
    return undefined;
  }
}

/** Shorter text cannot be heavy enough to matter. */
const lightLength = 262_144;
const weight = { maxDepth: 1_000, maxValues: 1_000_000 };

/** Parses once, for validity and for who it is for; the result itself stays a slice of the text. */
export function readMessage(text: string, id: string): Received {
  if (text.length > lightLength && tooHeavy(text, weight)) {
    return invalid(`more than ${weight.maxValues} values or ${weight.maxDepth} levels`, true);
  }
  const framed = framedResult(text, id);
  if (framed) return framed;
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { is: endsTooEarly(text) ? "truncated" : "not_json" };
  }
  if (!isObject(message)) return invalid("the message is not an object", false);
  const addressed = message["id"] === id;
  if (message["jsonrpc"] !== "2.0") return invalid('no "jsonrpc": "2.0"', addressed);
  if (message["method"] !== undefined) return readAsked(text, message);
  const { result, error } = message;
  if ((result === undefined) === (error === undefined)) {
    return invalid("not exactly one of result and error", addressed);
  }
  // JSON-RPC 2.0, section 5: an error about a request whose id was not understood has a null id.
  if (!addressed && (error === undefined || (message["id"] ?? null) !== null)) return { is: "stranger" };
  if (error !== undefined) return readError(text, error, addressed);
  const resultText = memberText(text, "result");
  if (!isObject(result) || resultText === undefined) return invalid("the result is not an object", true);
  return { is: "result", resultText, result };
}

function readAsked(text: string, message: Readonly<Record<string, unknown>>): Received {
  const { method, id } = message;
  if (typeof method !== "string") return invalid("the method is not a string", false);
  if (id === undefined) return { is: "notification", method };
  if (typeof id !== "string" && typeof id !== "number") return invalid("a request without an id", false);
  return { is: "request", method, idText: memberText(text, "id") ?? "null" };
}

function readError(text: string, error: unknown, addressed: boolean): Received {
  if (!isObject(error)) return invalid("the error is not an object", addressed);
  const { code, message } = error;
  if (typeof code !== "number" || !Number.isInteger(code)) return invalid("the error has no code", addressed);
  if (typeof message !== "string") return invalid("the error has no message", addressed);
  const dataText = memberText(memberText(text, "error") ?? "{}", "data");
  return { is: "error", code, message, addressed, ...(dataText === undefined ? {} : { dataText }) };
}
