/** The launcher as a client of its own gateway. */
import { request as requestHttp } from "node:http";
import { parseJson, textMember } from "./json.ts";

export interface Gateway {
  /** Where programs of this machine reach it over plain HTTP, which may differ from what users are told. */
  readonly origin: string;
  readonly adminKey: string;
}

export interface Answer {
  readonly status: number;
  /** Parsed JSON, or the text when it is none. */
  readonly body: unknown;
}

export interface Question {
  readonly method?: string;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

export function ask(gateway: Gateway, path: string, question: Question = {}): Promise<Answer> {
  const { method = "GET", body, timeoutMs = 30_000 } = question;
  const payload = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const headers: Record<string, string | number> = { Authorization: `Bearer ${gateway.adminKey}` };
  if (payload !== undefined) {
    headers["Content-Type"] = "application/json";
    headers["Content-Length"] = Buffer.byteLength(payload);
  }
  const options = { method, headers, agent: false, signal: AbortSignal.timeout(timeoutMs) };
  const { href } = new URL(path, gateway.origin);
  return new Promise((resolve, reject) => {
    const request = requestHttp(href, options);
    request.once("error", reject);
    request.once("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body: parseJson(text) ?? text }));
    });
    request.end(payload);
  });
}

/** What a refusal says: a problem document's detail or title, else its status (RFC 9457). */
export function problemOf(answer: Answer): string {
  return textMember(answer.body, "detail") ?? textMember(answer.body, "title") ?? `status ${answer.status}`;
}
