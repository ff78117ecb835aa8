/** What a connector says of an answer, as a `Response`. */
import { tunnelHeader } from "../../../core/contract/connector.ts";

/** About the connector's own hop, or about bytes that are text by now; and what only a shard itself may say. */
const dropped: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  tunnelHeader,
]);
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);
const encoder = new TextEncoder();

/** Undefined when the headers are none. A body that is there as a whole says its length: it is read in one go. */
export function responseOf(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | ReadableStream<Uint8Array>,
): Response | undefined {
  try {
    const own = new Headers();
    for (const [name, value] of Object.entries(headers)) if (!dropped.has(name.toLowerCase())) own.set(name, value);
    if (bodiless.has(status)) return new Response(null, { status, headers: own });
    if (typeof body !== "string") return new Response(body, { status, headers: own });
    const bytes = encoder.encode(body);
    own.set("content-length", String(bytes.length));
    return new Response(bytes, { status, headers: own });
  } catch {
    return undefined;
  }
}
