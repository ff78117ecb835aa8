/** Reads a response body once, and never more of it than allowed. */
import { decodeUtf8, wasUtf8 } from "../protocol/utf8.ts";

/** `text` is undefined when the body is not UTF-8; `size` in bytes. */
export type Body =
  | { readonly ok: true; readonly text: string | undefined; readonly size: number }
  | { readonly ok: false };

/** Lets go of a body that nobody will read; an open one holds its connection. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}

/**
 * Not ok when there is more than `cap` decoded bytes. With a length that can be believed the runtime reads it in
 * one go, which costs a fraction of a stream reader. A compressed or unmeasured body is counted as it comes, and so
 * is a chunked one that states a length as well: workerd shows that length and then reads past it.
 * Throws what the stream throws.
 */
export async function readBody(response: Response, cap: number): Promise<Body> {
  const length = believableLength(response.headers);
  if (length === undefined) return countBody(response, cap);
  if (length > cap) {
    discard(response);
    return { ok: false };
  }
  const text = await response.text();
  if (text.length > cap) return { ok: false };
  return { ok: true, text: wasUtf8(text, length) ? text : undefined, size: length };
}

function believableLength(headers: Headers): number | undefined {
  const declared = headers.get("content-length");
  const length = Number(declared);
  if (declared === null || !(length >= 0) || headers.has("transfer-encoding")) return undefined;
  const encoding = headers.get("content-encoding");
  return encoding === null || encoding === "identity" ? length : undefined;
}

async function countBody(response: Response, cap: number): Promise<Body> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  for (;;) {
    const read = await reader?.read();
    if (!read || read.done) break;
    const { value } = read;
    size += value.length;
    if (size > cap) {
      reader?.cancel().catch(() => undefined);
      return { ok: false };
    }
    chunks.push(value);
  }
  return { ok: true, text: decodeUtf8(joined(chunks, size)), size };
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only) return only;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
