/**
 * A legacy client's `GET` stream: what belongs to no request. Its events' ids say which state of the lists the client
 * has seen, so a client that comes back with one is told of what changed meanwhile, whatever isolate it comes to.
 */
import { listChangedText } from "../../../core/protocol/notifications.ts";
import type { Entry } from "../entry.ts";
import type { Session } from "../rpc-call.ts";
import { plain, sayError, type Asker } from "../say.ts";
import { stateOf } from "../session-state.ts";
import type { Visit } from "../visit.ts";
import { attend } from "./attendance.ts";
import { retryMs } from "./call-line.ts";
import { changedLists, stampsOf, type ListStamps } from "./changes.ts";
import { listeningEventId, readEventId, streamName } from "./event-id.ts";
import { EventStream, eventStreamHeaders } from "./event-stream.ts";
import { resumeCall } from "./resume.ts";

export async function openListening(visit: Visit, entry: Entry, session: Session, asker: Asker): Promise<Response> {
  const given = visit.request.headers.get("last-event-id");
  const last = given === null ? undefined : readEventId(given);
  if (given !== null && last === undefined) {
    return plain(sayError(asker, { code: 40_000, message: "Last-Event-ID is none of ours", status: 400 }));
  }
  // The one refusal of a GET that the specification knows, and that clients take for an end of it.
  if (last?.of === "end") return new Response(null, { status: 405, headers: { allow: "POST, DELETE" } });
  if (last?.of === "call") return resumeCall(visit, session, last);
  return listen(visit, entry, session, last?.stamps);
}

async function listen(
  visit: Visit,
  { offering }: Entry,
  session: Session,
  seen: ListStamps | undefined,
): Promise<Response> {
  const { house } = visit;
  const left = new AbortController();
  const out = new EventStream(() => left.abort());
  const stream = streamName();
  let events = 0;
  let stamps = seen ?? (await stampsOf(house, offering));
  const id = (): string => listeningEventId(stream, events++, stamps);
  out.mark(id(), retryMs);
  const look = async (): Promise<boolean> => {
    const now = await stampsOf(house, offering);
    const changed = changedLists(stamps, now);
    stamps = now;
    for (const list of changed) out.event(listChangedText(list), id());
    const state = await stateOf(house, session);
    return !state.ok || !state.value.ended;
  };
  void look()
    .then((goesOn) => (goesOn ? attend(visit, left.signal, look) : undefined))
    .finally(() => out.end());
  return new Response(out.body, { headers: eventStreamHeaders });
}
