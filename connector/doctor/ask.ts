/** One request to the gateway, with what a doctor wants to know of it: headers, and when it was asked and answered. */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { setTimeout as pause } from "node:timers/promises";

export interface Gateway {
  readonly url: URL;
  /** Empty: none is sent. */
  readonly key: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON; undefined when it is none. */
  readonly body: unknown;
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** Not an HTTP answer: `code` is the system's or the TLS library's word for it. */
export interface Unreached {
  readonly code: string;
  readonly words: string;
}

export interface Question {
  readonly method?: string;
  /** Sent as it is, said to be JSON. */
  readonly text?: string;
}

const patienceMs = 15_000;
const longestBody = 64 * 1024 * 1024;
/** A key with a small limit is waited for, a few times. */
const maxWaits = 5;
const longestWaitMs = 15_000;

export async function ask(gateway: Gateway, path: string, question: Question = {}): Promise<Answer | Unreached> {
  for (let waits = 0; ; waits += 1) {
    const answer = await askOnce(gateway, path, question);
    if (!isAnswer(answer) || answer.status !== 429 || waits === maxWaits) return answer;
    const waitMs = Number(answer.headers["retry-after"] ?? Number.NaN) * 1000;
    if (!(waitMs <= longestWaitMs)) return answer;
    await pause(waitMs);
  }
}

export function isAnswer(answer: Answer | Unreached): answer is Answer {
  return "status" in answer;
}

function askOnce({ url, key }: Gateway, path: string, { method = "GET", text }: Question): Promise<Answer | Unreached> {
  const address = `${url.origin}${url.pathname.replace(/\/+$/, "")}${path}`;
  const headers = {
    ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
    ...(text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
  };
  const options = { method, headers, agent: false, signal: AbortSignal.timeout(patienceMs) } as const;
  const send = address.startsWith("https:") ? requestHttps : requestHttp;
  const askedAt = Date.now();
  return new Promise((resolve) => {
    const unreached = (reason: unknown): void => resolve(unreachedBy(reason));
    try {
      const request = send(address, options, (response) => {
        const answeredAt = Date.now();
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          body += part;
          if (body.length > longestBody) response.destroy(new Error("its answer does not end"));
        });
        response.once("error", unreached);
        response.once("end", () => {
          const { statusCode = 0, headers: heard } = response;
          resolve({ status: statusCode, headers: heard, body: parsed(body), askedAt, answeredAt });
        });
      });
      request.once("error", unreached);
      request.end(text);
    } catch (reason) {
      // A key that no header may hold.
      unreached(reason);
    }
  });
}

export function unreachedBy(reason: unknown): Unreached {
  if (!(reason instanceof Error)) return { code: "", words: String(reason) };
  const [first] = reason instanceof AggregateError ? (reason.errors as unknown[]) : [];
  if (first instanceof Error) return unreachedBy(first);
  if (reason.name === "TimeoutError" || reason.name === "AbortError") return { code: "ETIMEDOUT", words: "no answer" };
  return { code: "code" in reason ? String(reason.code) : "", words: reason.message.split("\n")[0] ?? "" };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
