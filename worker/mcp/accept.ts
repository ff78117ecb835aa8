/** What a client sends and what it takes, by its headers (specification, "Streamable HTTP", sending messages). */

/** How an answer may come: as one JSON document, as a stream of events. */
export interface Takes {
  readonly json: boolean;
  readonly stream: boolean;
}

const anything: Takes = { json: true, stream: true };
/** The header that was read last: nearly every client writes the same. */
let last: { readonly accept: string; readonly takes: Takes } = { accept: "*/*", takes: anything };

/** Without the header a client takes anything (RFC 9110, section 12.5.1). */
export function takesOf(request: Request): Takes {
  const accept = request.headers.get("accept");
  if (accept === null) return anything;
  if (accept !== last.accept) last = { accept, takes: readAccept(accept) };
  return last.takes;
}

function readAccept(accept: string): Takes {
  const ranges = accept.split(",").map(mediaTypeOf);
  const takes = (type: string, kind: string): boolean =>
    ranges.some((range) => range === type || range === kind || range === "*/*");
  return { json: takes("application/json", "application/*"), stream: takes("text/event-stream", "text/*") };
}

/** A form's type is JSON at `POST /call`, for curl's sake; here the specification wants the right one. */
export function isJson(request: Request): boolean {
  const type = request.headers.get("content-type") ?? "";
  return type === "application/json" || mediaTypeOf(type) === "application/json";
}

/** `q=0` means "anything but this"; nobody writes it, and who does is taken at the word. */
function mediaTypeOf(range: string): string {
  const [type = "", ...parameters] = range.split(";");
  const isRefused = parameters.some((parameter) => /^\s*q=0(?:\.0*)?\s*$/i.test(parameter));
  return isRefused ? "" : type.trim().toLowerCase();
}
