/**
 * How an answer goes to the client: as one JSON document when it comes soon and nothing else is to be said, else as a
 * stream of events. A client that left is noticed by what is written to it, and so not before there is a stream; then
 * the work goes on under waitUntil, for the server must be told.
 */
import type { House } from "../../house.ts";
import type { Takes } from "../accept.ts";
import { lateMs, type Session } from "../rpc-call.ts";
import { plain, type Said } from "../say.ts";
import { CallLine } from "./call-line.ts";
import { eventStreamHeaders } from "./event-stream.ts";
import { followMail } from "./handover.ts";

/** A stream can be found again by the request's id, if that is of a sensible length. */
const longestId = 200;

export interface Client {
  readonly takes: Takes;
  /** The request's id, raw JSON. */
  readonly idText: string;
  /** The headers of an answer that is one document, taken when it is made. */
  readonly dressing: () => Readonly<Record<string, string>>;
  /** Legacy only. */
  readonly session?: Session;
}

/** `work` never rejects. */
export async function answerWith(
  house: House,
  client: Client,
  work: (line: CallLine) => Promise<Said>,
): Promise<Response> {
  const { takes, idText, session } = client;
  const canReturn = session !== undefined && takes.stream && idText.length <= longestId;
  // One promise and one timer, since nearly every call ends soon and races, signals and abortions are dear.
  const first = Promise.withResolvers<Said | undefined>();
  const stream = (): void => {
    if (takes.stream) first.resolve(undefined);
  };
  const line = new CallLine({ carries: takes.stream, onSpoken: stream, ...(canReturn ? { idText } : {}) });
  const late = setTimeout(() => {
    // From here on the call is worth being reached by other requests.
    if (session) house.waitUntil(followMail(house, session, idText, line));
    line.late();
    stream();
  }, lateMs);
  const done = work(line).then((said) => {
    clearTimeout(late);
    line.finish(line.isCancelled && session ? undefined : said.text);
    first.resolve(said);
  });
  if (!takes.json) stream();
  const said = await first.promise;
  if (said) return plain(said, client.dressing());
  house.waitUntil(done);
  return new Response(line.open(), { headers: eventStreamHeaders });
}
