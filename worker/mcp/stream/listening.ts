/**
 * A legacy client's `GET` stream: what belongs to no request. Its events' ids say which state of the lists the client
 * has seen, so a client that comes back with one is told of what changed meanwhile, whatever isolate it comes to.
 */
import type { SessionState } from "../../../core/contract/conversation.ts";
import { listChangedText } from "../../../core/protocol/notifications.ts";
import { conversationOf } from "../bridge/for-legacy.ts";
import { Forwarding } from "../bridge/forwarding.ts";
import { noticeFor } from "../bridge/notices.ts";
import type { Entry } from "../entry.ts";
import type { InSession } from "../find-session.ts";
import { plain, sayError, type Asker } from "../say.ts";
import { lastKnown, stateOf } from "../session-state.ts";
import type { Visit } from "../visit.ts";
import { attend } from "./attendance.ts";
import { retryMs } from "./call-line.ts";
import { changedLists, freshStampsOf, stampsOf, type ListStamps } from "./changes.ts";
import type { Mouth } from "./ear.ts";
import { Ears } from "./ears.ts";
import { listeningEventId, readEventId, streamName } from "./event-id.ts";
import { EventStream, eventStreamHeaders } from "./event-stream.ts";
import { resumeCall } from "./resume.ts";
import { listedServers, serversOf, type Wisher } from "./wishes.ts";

export async function openListening(visit: Visit, entry: Entry, inSession: InSession, asker: Asker): Promise<Response> {
  const given = visit.request.headers.get("last-event-id");
  const last = given === null ? undefined : readEventId(given);
  if (given !== null && last === undefined) {
    return plain(sayError(asker, { code: 40_000, message: "Last-Event-ID is none of ours", status: 400 }));
  }
  // The one refusal of a GET that the specification knows, and that clients take for an end of it.
  if (last?.of === "end") return new Response(null, { status: 405, headers: { allow: "POST, DELETE" } });
  if (last?.of === "call") return resumeCall(visit, inSession.session, last);
  const wisher = { house: visit.house, ...entry };
  const stamps = last?.stamps ?? (await freshStampsOf(visit.house, entry.offering));
  return new Response(listen(visit, wisher, inSession, stamps), { headers: eventStreamHeaders });
}

function listen(visit: Visit, wisher: Wisher, { session, state: before }: InSession, seen: ListStamps): ReadableStream {
  const { house, offering } = wisher;
  const left = new AbortController();
  const out = new EventStream(() => left.abort());
  const stream = streamName();
  let events = 0;
  let stamps = seen;
  let state = before;
  const send = (text: string): void => out.event(text, listeningEventId(stream, events++, stamps));
  out.mark(listeningEventId(stream, events++, stamps), retryMs);
  // What the client has changed through this isolate holds at once, all else with the next look.
  const now = (): SessionState => lastKnown(session) ?? state;
  const ears = new Ears(house, conversationOf(session), (server, replica) => mouthOf({ server, replica }));
  const mouthOf = (asker: { readonly server: string; readonly replica: string }): Mouth => {
    const forwarding = new Forwarding(house, session, asker, { carries: true, send });
    return {
      updated: (uri, text) => now().subscriptions.includes(uri) && send(text),
      said(text, method) {
        if (method === "notifications/cancelled") return forwarding.withdraw(text);
        const { logLevel } = now();
        const hearer = { era: "legacy", ...(logLevel === undefined ? {} : { logLevel }) } as const;
        const notice = noticeFor(hearer, text, method, "legacy");
        if (notice !== undefined) forwarding.send(notice);
      },
      onRequest: (request) => forwarding.take(request),
    };
  };
  const listed = listedServers(wisher);
  const hear = async (): Promise<void> => {
    const own = new Map(await serversOf(wisher, state.subscriptions));
    // The only server there is may say things to this session, too.
    if (offering.is === "server" && !own.has(offering.server)) own.set(offering.server, new Set());
    if (!left.signal.aborted) ears.attend(own, await listed);
  };
  const look = async (): Promise<boolean> => {
    const stampsNow = await stampsOf(house, offering);
    const changed = changedLists(stamps, stampsNow);
    stamps = stampsNow;
    for (const list of changed) send(listChangedText(list));
    const asked = await stateOf(house, session);
    if (asked.ok) state = asked.value;
    if (!state.ended) await hear();
    return !state.ended;
  };
  const work = async (): Promise<void> => {
    try {
      if (await look()) await attend({ ...visit, offering }, left.signal, look);
    } finally {
      out.end();
      await ears.close();
    }
  };
  // Under waitUntil, since without it nothing runs any more once the client has left: ears would stay open.
  house.waitUntil(work());
  return out.body;
}
