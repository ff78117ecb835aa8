/** Listening over Streamable HTTP: a GET stream in the legacy era, a long answer to `subscriptions/listen` in the modern. */
import { success, type Outcome } from "../../contract/outcome.ts";
import { eras } from "../../protocol/eras/index.ts";
import { requestText } from "../../protocol/json-rpc.ts";
import { EventStream } from "../event-stream.ts";
import { hearOut } from "../hear-out.ts";
import { openStream } from "../open-stream.ts";
import { pause } from "../pause.ts";
import type { Pending } from "../pending.ts";
import { postBeside, postRequest } from "../post.ts";
import { readAnswer } from "../read-answer.ts";
import { broken } from "../refusal.ts";

const defaultRetryMs = 1_000;
/** However eager a server is to be asked again. */
const leastRetryMs = 100;
const longestRetryMs = 3_600_000;
const longestGrownMs = 30_000;
/** Openings that fail in a row after the first that did not. */
const maxFailures = 4;

export function listenHttp(pending: Pending): Promise<Outcome<void>> {
  return pending.x.connection.era === "modern" ? listenModern(pending) : listenLegacy(pending);
}

/** A stream that breaks off ends in failure: what was missed cannot be had again, so the caller must know. */
async function listenModern(pending: Pending): Promise<Outcome<void>> {
  const { x, id, deadline } = pending;
  let response: Response;
  try {
    const params = eras.modern.params(x.paramsText, x.connection, x);
    response = await postRequest(pending, requestText(id, x.method, params));
  } catch (error) {
    return broken(x, deadline, error);
  }
  const answered = await readAnswer(pending, response);
  const unheardOf = !answered.ok && answered.failure.code === "server_error" && answered.failure.rpcCode === -32601;
  return answered.ok || unheardOf ? success(undefined) : answered;
}

/** A stream that breaks off is taken up again where it broke; one that was ended, only if the server gave a way back. */
async function listenLegacy(pending: Pending): Promise<Outcome<void>> {
  const { bounds, deadline } = pending;
  let before: EventStream | undefined;
  for (let failures = 0; ;) {
    const opened = await openStream(pending, before?.lastEventId);
    if (opened.is === "none") return success(undefined);
    if (opened.is === "open") {
      failures = 0;
      bounds.hooks?.onOpen?.();
      before = new EventStream(opened.response, bounds.maxAnswerBytes, before, true);
      const heard = await hearOut(pending, before, (text) => postBeside(pending, text));
      if (heard.is === "refused") return heard.refused;
      if (heard.is === "ended" && (before.lastEventId ?? before.retryMs) === undefined) return success(undefined);
    } else if (!before || !opened.passing || ++failures > maxFailures) {
      return opened.refused;
    }
    await pause(waitMs(before, failures), deadline.signal);
    if (deadline.signal.aborted) return success(undefined);
  }
}

function waitMs({ retryMs = defaultRetryMs }: EventStream, failures: number): number {
  const asked = Math.min(Math.max(retryMs, leastRetryMs), longestRetryMs);
  return Math.max(asked, Math.min(asked * 2 ** failures, longestGrownMs));
}
