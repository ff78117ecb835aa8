/** One request to the gateway's HTTP API. */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { why } from "../complaint.ts";

export interface Gateway {
  readonly origin: string;
  readonly key: string;
}

export type Answer =
  | { readonly is: "answer"; readonly status: number; readonly body: unknown; readonly text: string }
  | { readonly is: "unreachable"; readonly reason: string };

const patienceMs = 15_000;
const longest = 4 * 1024 * 1024;

export function ask(gateway: Gateway, path: string, body: unknown): Promise<Answer> {
  const url = `${gateway.origin}${path}`;
  const payload = JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${gateway.key}`,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(payload),
  };
  const send = url.startsWith("https:") ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const unreachable = (reason: unknown): void => resolve({ is: "unreachable", reason: why(reason) });
    const options = { method: "POST", headers, signal: AbortSignal.timeout(patienceMs), agent: false } as const;
    const request = send(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
        if (text.length > longest) response.destroy(new Error("its answer does not end"));
      });
      response.once("error", unreachable);
      response.once("end", () => resolve({ is: "answer", status: response.statusCode ?? 0, text, body: parsed(text) }));
    });
    request.once("error", unreachable);
    request.end(payload);
  });
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a refusal means to whoever started the connector. */
export function refusalWords(status: number, text: string): string {
  const body = parsed(text);
  const detail = typeof body === "object" && body !== null && "detail" in body ? ` (${String(body.detail)})` : "";
  if (status === 401) return `it does not know this key${detail}`;
  if (status === 403) return `this key may not connect servers; it needs the scope 'connector'${detail}`;
  if (status === 404) return `nothing like a Patchbay gateway is there, or an older one${detail}`;
  return `it answers HTTP ${status}${detail}`;
}
