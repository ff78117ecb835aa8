/** An answer that comes as an event stream: what the server says meanwhile, and our answer at its end. */
import { type Outcome } from "../contract/outcome.ts";
import { readMessage, replyText, type Received } from "../protocol/json-rpc.ts";
import { conclude } from "./conclude.ts";
import { EventStream, type Pulled } from "./event-stream.ts";
import type { Answer, ServerRequest } from "./link.ts";
import type { Pending } from "./pending.ts";
import { discard } from "./read-body.ts";
import { broken, brokenOff, refuse, tooLarge, type Refused } from "./refusal.ts";

/** A server may ask us only so much in the course of one call. */
const maxAsked = 64;

/** Sends the server a message on the same connection, beside the stream. */
export type Say = (text: string) => Promise<Response>;

/** What has been noticed on the way to the answer. */
export interface Noticed {
  listChanged: boolean;
  asked: number;
  /** What the stream held instead of our answer, should it end without. */
  instead?: Received;
}

export function nothingNoticed(): Noticed {
  return { listChanged: false, asked: 0 };
}

type End = Exclude<Pulled, { is: "event" }>;

/** How a stream ended without an answer. */
export type Ending = End | { readonly is: "broken"; readonly error: unknown };

/** Reads until the answer to `pending` is there. */
export async function waitForAnswer(
  pending: Pending,
  stream: EventStream,
  say: Say,
  noticed = nothingNoticed(),
): Promise<Outcome<Answer>> {
  const heard = await hear(pending, stream, say, noticed);
  if ("ok" in heard) return heard;
  if (heard.is === "broken") return brokenOff(pending.x, pending.deadline, heard.error);
  return endedWithout(pending, stream, heard, noticed);
}

/** Reads to the answer or the end; notices changes, hands on what the server says, answers what it asks. */
export async function hear(
  pending: Pending,
  stream: EventStream,
  say: Say,
  noticed: Noticed,
): Promise<Outcome<Answer> | Ending> {
  const { hooks } = pending.bounds;
  for (;;) {
    let pulled: Pulled;
    try {
      pulled = await stream.next();
    } catch (error) {
      return { is: "broken", error };
    }
    if (pulled.is !== "event") return pulled;
    const { event, data } = pulled.event;
    // Other event types are not MCP's; an empty one only carries an id to resume from (2025-11-25).
    if ((event !== undefined && event !== "message") || data === "") continue;
    const received = readMessage(data, pending.id);
    if (received.is === "notification") {
      noticed.listChanged ||= received.method.endsWith("/list_changed");
      hooks?.onNotification(data, received.method);
    } else if (received.is === "request") {
      const refused = await answerServer(pending, { ...received, text: data }, noticed, say);
      if (refused) return refused;
    } else if (isOurs(received)) {
      return conclude(pending.x, received, stream.bytes, noticed.listChanged);
    } else {
      noticed.instead ??= received;
    }
  }
}

function isOurs(received: Received): boolean {
  return received.is === "result" || received.is === "error" || (received.is === "invalid" && received.addressed);
}

/** A server that gets no reply may wait for ever; that it did not get this one is its own affair. */
async function answerServer(
  { x, deadline, bounds, replyUrl, endless }: Pending,
  { method, idText, text }: ServerRequest,
  noticed: Noticed,
  say: Say,
): Promise<Refused | undefined> {
  if (++noticed.asked > maxAsked && !endless) {
    return refuse(x, "answer_invalid", `more than ${maxAsked} requests to the client`);
  }
  // The modern era has no such requests, so nobody could reply.
  if (bounds.hooks && x.connection.era === "legacy") {
    const request = { method, idText, text, ...(replyUrl === undefined ? {} : { replyUrl }) };
    if (bounds.hooks.onRequest(request)) return undefined;
  }
  try {
    discard(await say(replyText(method, idText)));
    return undefined;
  } catch (error) {
    return deadline.signal.aborted ? broken(x, deadline, error) : undefined;
  }
}

export function endedWithout({ x, bounds }: Pending, stream: EventStream, end: End, { instead }: Noticed): Refused {
  if (end.is === "fault") {
    if (end.fault === "too_large") return tooLarge(x, bounds.maxAnswerBytes);
    return end.fault === "not_utf8"
      ? refuse(x, "answer_not_json", "the stream is not UTF-8")
      : refuse(x, "answer_invalid", "too many events");
  }
  if (stream.bytes === 0) return refuse(x, "answer_empty", "an event stream without events");
  if (instead?.is === "stranger") return refuse(x, "answer_wrong_id");
  if (instead?.is === "not_json") return refuse(x, "answer_not_json", "an event that is not JSON");
  if (instead?.is === "invalid") return refuse(x, "answer_invalid", instead.why);
  return refuse(x, "answer_truncated", "the stream ended without the answer");
}
