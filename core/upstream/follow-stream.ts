/**
 * The event stream that answers a POST, to its answer. A server may hang up before that and expect us to come back
 * with the last event's id (2025-11-25, "resumability and redelivery"): the call goes on meanwhile and is not run again.
 */
import type { Outcome } from "../contract/outcome.ts";
import { dial } from "./dial.ts";
import { EventStream, isEventStream } from "./event-stream.ts";
import type { Answer } from "./link.ts";
import type { Pending } from "./pending.ts";
import { postBeside } from "./post.ts";
import { discard } from "./read-body.ts";
import { nothingNoticed, waitForAnswer } from "./read-stream.ts";
import { broken } from "./refusal.ts";
import { streamHeaders } from "./request-headers.ts";

const maxReturns = 100;
const defaultRetryMs = 1_000;
const longestRetryMs = 30_000;

export async function followStream(pending: Pending, response: Response): Promise<Outcome<Answer>> {
  const { x, bounds, deadline } = pending;
  const noticed = nothingNoticed();
  let stream = new EventStream(response, bounds.maxAnswerBytes);
  for (let returns = 0; ; returns++) {
    const answered = await waitForAnswer(pending, stream, (text) => postBeside(pending, text), noticed);
    await stream.finish();
    const lost = !answered.ok && answered.failure.code === "answer_truncated";
    if (!lost || stream.lastEventId === undefined || x.connection.era !== "legacy" || returns === maxReturns) {
      return answered;
    }
    const again = await comeBack(pending, stream.lastEventId, stream.retryMs ?? defaultRetryMs);
    if (deadline.signal.aborted) return broken(x, deadline, undefined);
    if (!again) return answered;
    stream = new EventStream(again, bounds.maxAnswerBytes, stream);
  }
}

async function comeBack(
  { x, deadline, networks }: Pending,
  lastEventId: string,
  retryMs: number,
): Promise<Response | undefined> {
  const { url, network } = x.connection;
  await pause(Math.min(retryMs, longestRetryMs), deadline.signal);
  try {
    const headers = { ...streamHeaders(x.connection), "last-event-id": lastEventId };
    const response = await dial(url, { method: "GET", headers, signal: deadline.signal }, network, networks);
    if (response.ok && isEventStream(response)) return response;
    discard(response);
  } catch {
    // The first stream's end is what there is to tell.
  }
  return undefined;
}

function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, waitMs);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    resolve();
  });
  return promise;
}
