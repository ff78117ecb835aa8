/**
 * A legacy client takes up the stream of a call again that it lost (`Last-Event-ID`). The call goes on where it is, and
 * sends what was missed and what comes through a box at the session's home shard: handover.ts. When nobody has the
 * call any more, its answer is lost, and the client is told so in its place: waiting on would be waiting for nothing.
 */
import { askShard } from "../../objects.ts";
import type { Session } from "../rpc-call.ts";
import { errorText } from "../rpc-error.ts";
import type { Visit } from "../visit.ts";
import { callEventId, endEventId, streamName, type EventId } from "./event-id.ts";
import { EventStream, eventStreamHeaders } from "./event-stream.ts";
import { retryMs } from "./call-line.ts";
import { beatMs, callBox, post, readOnward } from "./handover.ts";

/** The call reads its mail two seconds after it began, at the latest. */
const firstWaitMs = 6_000;
const nextWaitMs = beatMs * 2.5;

type CallEvent = Extract<EventId, { of: "call" }>;

export async function resumeCall({ house }: Visit, session: Session, last: CallEvent): Promise<Response> {
  const { stream, event, idText } = last;
  const box = `resume:${session.id}:${streamName()}`;
  const left = new AbortController();
  const out = new EventStream(() => {
    left.abort();
    house.waitUntil(post(house, session, callBox(session, idText), { is: "left", box }));
  });
  out.comment();
  const follow = async (): Promise<void> => {
    if (!(await post(house, session, callBox(session, idText), { is: "resume", stream, after: event, box }))) {
      return lost();
    }
    for (let waitMs = firstWaitMs; !left.signal.aborted; waitMs = nextWaitMs) {
      const wait = waitMs;
      const mail = await askShard(house.env, session.shard, (shard) => shard.waitForMail(box, wait));
      const onward = mail.ok && mail.value !== undefined ? readOnward(mail.value) : undefined;
      if (onward?.is !== "told") return lost();
      for (const { text, event: at, isLast } of onward.told) {
        if (text !== undefined) out.event(text, isLast ? endEventId(stream) : callEventId(stream, at, idText));
        else if (isLast) out.mark(endEventId(stream), retryMs);
        if (isLast) return;
      }
    }
  };
  const lost = (): void => {
    const message = "The answer is lost: nobody holds the call any more that this stream belonged to. It may have run.";
    const dataText = JSON.stringify({ code: "outcome_unknown", requestId: house.requestId, retryable: false });
    if (!left.signal.aborted) out.event(errorText(idText, { code: 50_200, message, dataText }), endEventId(stream));
  };
  house.waitUntil(follow().finally(() => out.end()));
  return new Response(out.body, { headers: eventStreamHeaders });
}
