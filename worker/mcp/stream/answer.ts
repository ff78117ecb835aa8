/**
 * How an answer goes to the client: as one JSON document when it comes soon and nothing else is to be said, else as a
 * stream of events. A client that left is noticed by what is written to it; so work goes on under waitUntil, for the
 * server must be told of it.
 */
import type { House } from "../../house.ts";
import type { Takes } from "../accept.ts";
import type { Session } from "../rpc-call.ts";
import { plain, type Said } from "../say.ts";
import { CallLine } from "./call-line.ts";
import { eventStreamHeaders } from "./event-stream.ts";
import { followMail } from "./handover.ts";

const soonMs = 2_000;
/** A stream can be found again by the request's id, if that is of a sensible length. */
const longestId = 200;

export interface Client {
  readonly takes: Takes;
  /** The request's id, raw JSON. */
  readonly idText: string;
  /** Legacy only. */
  readonly session?: Session;
  /** The request's own; tells of a client that left, where the platform says so. */
  readonly signal: AbortSignal;
}

/** `work` never rejects. */
export async function answerWith(
  house: House,
  client: Client,
  work: (line: CallLine) => Promise<Said>,
): Promise<Response> {
  const { takes, idText, session } = client;
  const canReturn = session !== undefined && takes.stream && idText.length <= longestId;
  const line = new CallLine({ carries: takes.stream, ...(canReturn ? { idText } : {}) });
  client.signal.addEventListener("abort", () => line.lost());
  const said = work(line);
  const done = said.then(({ text }) => line.finish(line.signal.aborted && session ? undefined : text));
  house.waitUntil(done);
  const soon = new AbortController();
  const late = scheduler.wait(soonMs, { signal: soon.signal }).then(
    () => followed(house, session, idText, line),
    () => undefined,
  );
  const first = takes.json ? await Promise.race([said, line.spoken, late]) : undefined;
  if (first) {
    soon.abort();
    return plain(first);
  }
  if (!takes.stream) return plain(await said);
  void said.then(() => soon.abort());
  return new Response(line.open(), { headers: eventStreamHeaders });
}

/** From here on the call is worth being reached by other requests. */
function followed(house: House, session: Session | undefined, idText: string, line: CallLine): undefined {
  if (session) house.waitUntil(followMail(house, session, idText, line));
  return undefined;
}
