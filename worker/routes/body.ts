/** Reads a request's body: bounded in bytes, depth and time, UTF-8, JSON without duplicate keys. */
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { readJson } from "../../core/protocol/json-text.ts";
import { decodeUtf8, wasUtf8 } from "../../core/protocol/utf8.ts";

export const maxBodyBytes = 4 * 1024 * 1024;
export const maxDepth = 64;
const maxWaitMs = 10_000;

export interface JsonBody {
  /** As it was sent, for what must arrive byte for byte. */
  readonly text: string;
  readonly value: unknown;
}

export async function readBody(request: Request): Promise<Outcome<JsonBody>> {
  const written = await readBodyText(request);
  if (!written.ok) return written;
  const text = written.value;
  const read = readJson(text, { maxDepth });
  return read.ok ? success({ text, value: read.value }) : read;
}

/** The same bounds, but for what stands in it. */
export async function readBodyText(request: Request): Promise<Outcome<string>> {
  const type = request.headers.get("content-type");
  if (type !== null && !isJson(type)) return failure({ code: "unsupported_media_type", got: type });
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity") return failure({ code: "unsupported_media_type", got: encoding });
  const written = await readText(request);
  if (!written.ok) return written;
  if (written.value === undefined) return failure({ code: "malformed_json", detail: "The body is not valid UTF-8." });
  return success(written.value);
}

/**
 * `curl -d` calls everything a form unless told otherwise, so a form's type is read as JSON, too. No web page gains by
 * that: the key travels in a header that a form cannot set.
 */
function isJson(type: string): boolean {
  if (type === "application/json") return true;
  const essence = type.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return essence === "application/json" || essence.endsWith("+json") || essence === "application/x-www-form-urlencoded";
}

/** A small stated length is read at once; anything else is counted as it comes. Undefined: not UTF-8. */
async function readText(request: Request): Promise<Outcome<string | undefined>> {
  const stated = Number(request.headers.get("content-length") ?? Number.NaN);
  if (stated > maxBodyBytes) return failure({ code: "body_too_large", limitBytes: maxBodyBytes });
  if (stated <= 64 * 1024) {
    const text = await request.text();
    return success(wasUtf8(text, stated) ? text : undefined);
  }
  const bytes = await readCounted(request.body);
  return bytes.ok ? success(decodeUtf8(bytes.value)) : bytes;
}

async function readCounted(body: ReadableStream<Uint8Array> | null): Promise<Outcome<Uint8Array>> {
  if (!body) return success(new Uint8Array());
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const late = scheduler.wait(maxWaitMs).then(() => "late" as const);
  for (;;) {
    const step = await Promise.race([reader.read(), late]);
    if (step === "late") {
      await reader.cancel();
      return failure({ code: "body_timeout", limitMs: maxWaitMs });
    }
    if (step.done) return success(joined(chunks, size));
    size += step.value.byteLength;
    if (size > maxBodyBytes) {
      await reader.cancel();
      return failure({ code: "body_too_large", limitBytes: maxBodyBytes });
    }
    chunks.push(step.value);
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
