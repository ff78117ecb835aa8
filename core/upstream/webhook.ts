/** Posts one message to an address outside that somebody gave us, and tells what became of it. Bounded in time and size. */
import type { Networks } from "../contract/bindings.ts";
import { startDeadline } from "./deadline.ts";
import { dial } from "./dial.ts";
import { discard, readBody } from "./read-body.ts";
import { checkTarget } from "./target.ts";

export interface Posting {
  readonly url: string;
  readonly allowPrivate: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
}

/**
 * `refused`: it is there and does not want this message. `trouble`: it cannot be reached, or asks to come back later,
 * so others would fare no better. `answer` is for operators.
 */
export interface Posted {
  readonly is: "taken" | "refused" | "trouble";
  readonly answer: string;
  readonly retryAfterMs?: number;
  /** 410: it is not there any more and will not come back. */
  readonly isGone?: boolean;
}

const mostAnswerBytes = 4_096;
const longestQuote = 200;
const longestRetryAfterMs = 3_600_000;
/** Too early, too many, too slow, in conflict: not the message's fault. */
const passing: ReadonlySet<number> = new Set([408, 409, 425, 429]);

export async function postWebhook(posting: Posting, networks: Networks): Promise<Posted> {
  const { url, allowPrivate, headers, body, timeoutMs } = posting;
  // Judged again: what was allowed when the address was given may not be any more.
  const target = checkTarget(url, { allowPrivate, bind: networks.BIND });
  if (!target.ok) return { is: "refused", answer: "The address may not be dialled." };
  const deadline = startDeadline({ deadlineAt: Date.now() + timeoutMs, maxAnswerBytes: mostAnswerBytes });
  if (deadline === undefined) return { is: "trouble", answer: "No time." };
  try {
    const init: RequestInit = { method: "POST", headers: { ...headers }, body, signal: deadline.signal };
    const response = await dial(target.value.url, init, target.value.network, networks);
    return await judge(response, target.value.network === "public");
  } catch {
    // What the runtime says of it may hold the address, which is a secret with most chat services.
    const answer = deadline.expired() ? `No answer within ${timeoutMs} ms.` : "The connection failed or broke off.";
    return { is: "trouble", answer };
  } finally {
    deadline.stop();
  }
}

/** What a private address answers is not quoted: it was perhaps not meant for whoever may read this. */
async function judge(response: Response, mayQuote: boolean): Promise<Posted> {
  const { status } = response;
  if (response.ok || !mayQuote) discard(response);
  if (response.ok) return { is: "taken", answer: `HTTP ${status}` };
  const answer = `HTTP ${status}${mayQuote ? await quote(response) : ""}`;
  if (status < 500 && !passing.has(status)) return { is: "refused", answer, isGone: status === 410 };
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = seconds > 0 ? Math.min(seconds * 1000, longestRetryAfterMs) : undefined;
  return { is: "trouble", answer, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

async function quote(response: Response): Promise<string> {
  const body = await readBody(response, mostAnswerBytes);
  const text = body.ok ? (body.text ?? "") : "";
  // oxlint-disable-next-line no-control-regex
  const line = text.replaceAll(/[\u0000-\u001f\u007f]+/g, " ").trim();
  return line === "" ? "" : `: ${line.slice(0, longestQuote)}`;
}
