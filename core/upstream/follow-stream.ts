/**
 * The event stream that answers a POST, to its answer. A server may hang up before that and expect us to come back
 * with the last event's id (2025-11-25, "resumability and redelivery"): the call goes on meanwhile and is not run again.
 */
import type { Outcome } from "../contract/outcome.ts";
import { EventStream } from "./event-stream.ts";
import type { Answer } from "./link.ts";
import { openStream } from "./open-stream.ts";
import { pause } from "./pause.ts";
import type { Pending } from "./pending.ts";
import { postBeside } from "./post.ts";
import { nothingNoticed, waitForAnswer } from "./read-stream.ts";
import { broken } from "./refusal.ts";

const maxReturns = 100;
const defaultRetryMs = 1_000;
const longestRetryMs = 30_000;

export async function followStream(pending: Pending, response: Response): Promise<Outcome<Answer>> {
  const { x, bounds, deadline } = pending;
  const noticed = nothingNoticed();
  let stream = new EventStream(response, bounds.maxAnswerBytes, undefined, pending.endless);
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

/** Undefined: the first stream's end is what there is to tell. */
async function comeBack(pending: Pending, lastEventId: string, retryMs: number): Promise<Response | undefined> {
  await pause(Math.min(retryMs, longestRetryMs), pending.deadline.signal);
  const opened = await openStream(pending, lastEventId);
  return opened.is === "open" ? opened.response : undefined;
}
