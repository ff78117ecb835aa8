/**
 * A legacy client's `GET` stream: what belongs to no request. Its events' ids say which state of the lists the client
 * has seen, so a client that comes back with one is told of what changed meanwhile, whatever isolate it comes to.
 */
import { listChangedText } from "../../../core/protocol/notifications.ts";
import type { Entry } from "../entry.ts";
import type { InSession } from "../find-session.ts";
import { plain, sayError, type Asker } from "../say.ts";
import { stateOf } from "../session-state.ts";
import type { Visit } from "../visit.ts";
import { attend } from "./attendance.ts";
import { retryMs } from "./call-line.ts";
import { changedLists, freshStampsOf, lists, stampsOf, type ListStamps } from "./changes.ts";
import type { Ears } from "./ears.ts";
import { listeningEventId, readEventId, streamName } from "./event-id.ts";
import { EventStream, eventStreamHeaders } from "./event-stream.ts";
import { resumeCall } from "./resume.ts";
import { earsOf } from "./session-mouth.ts";
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

function listen(visit: Visit, wisher: Wisher, inSession: InSession, seen: ListStamps): ReadableStream {
  const { house, offering } = wisher;
  const { session } = inSession;
  const left = new AbortController();
  const out = new EventStream(() => left.abort());
  const stream = streamName();
  let events = 0;
  let stamps = seen;
  const id = (): string => listeningEventId(stream, events++, stamps);
  const ears = earsOf(house, inSession, (text) => out.event(text, id()));
  out.mark(id(), retryMs);
  const hear = listener(wisher, ears);
  const look = async (): Promise<boolean> => {
    const now = await stampsOf(house, offering);
    for (const list of changedLists(stamps, now)) {
      // One at a time: who loses the stream between two of them has seen the first only.
      stamps = stamps.with(lists.indexOf(list), now[lists.indexOf(list)] ?? "");
      out.event(listChangedText(list), id());
    }
    const state = await stateOf(house, session);
    if (state.ok && state.value.ended) return false;
    if (state.ok && !left.signal.aborted) await hear(state.value.subscriptions, stamps);
    return true;
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

/** Which servers there are, and which has a URI, is asked again when the lists have changed, or the subscriptions. */
function listener(wisher: Wisher, ears: Ears): (uris: readonly string[], stamps: ListStamps) => Promise<void> {
  const { offering } = wisher;
  let listed: readonly string[] = [];
  let askedFor = "";
  let own: Map<string, ReadonlySet<string>> = new Map();
  return async (uris, stamps) => {
    const asked = JSON.stringify([uris, stamps]);
    if (asked !== askedFor) {
      const holders = await serversOf(wisher, uris);
      listed = await listedServers(wisher);
      own = new Map(holders.byServer);
      // The only server there is may say things to this session, too.
      if (offering.is === "server" && !own.has(offering.server)) own.set(offering.server, new Set());
      askedFor = holders.isWhole ? asked : "";
    }
    ears.attend(own, listed);
  };
}
