/** The GET that opens a legacy server's own stream, or takes up one that broke off (2025-11-25, "resumability"). */
import type { Outcome } from "../contract/outcome.ts";
import { dial } from "./dial.ts";
import { isEventStream } from "./event-stream.ts";
import { judgeStatus } from "./judge-status.ts";
import type { Pending } from "./pending.ts";
import { discard } from "./read-body.ts";
import { broken, refuse, type Refused } from "./refusal.ts";
import { streamHeaders } from "./request-headers.ts";

export type Opened =
  | { readonly is: "open"; readonly response: Response }
  /** The server has no such stream. */
  | { readonly is: "none" }
  /** `passing`: another time it may be open. */
  | { readonly is: "refused"; readonly refused: Refused; readonly passing: boolean };

export async function openStream(pending: Pending, lastEventId?: string): Promise<Opened> {
  const { x, deadline, networks } = pending;
  const { url, network, sessionId } = x.connection;
  const headers = streamHeaders(x.connection);
  if (lastEventId !== undefined) headers.set("last-event-id", lastEventId);
  try {
    const response = await dial(url, { method: "GET", headers, signal: deadline.signal }, network, networks);
    if (response.ok && isEventStream(response)) return { is: "open", response };
    const { status } = response;
    if (status === 405 || (status === 404 && sessionId === undefined)) {
      discard(response);
      return { is: "none" };
    }
    const judged = response.ok ? notAStream(pending, response) : await judgeStatus(pending, response);
    // 409: the server has not noticed yet that the old stream is gone.
    return {
      is: "refused",
      refused: asRefused(pending, judged),
      passing: status === 409 || status === 429 || status >= 500,
    };
  } catch (error) {
    return { is: "refused", refused: broken(x, deadline, error), passing: true };
  }
}

function notAStream({ x }: Pending, response: Response): Refused {
  discard(response);
  return refuse(x, "answer_invalid", "the GET was not answered with an event stream");
}

function asRefused({ x }: Pending, judged: Outcome<unknown>): Refused {
  return judged.ok ? refuse(x, "answer_invalid") : judged;
}
