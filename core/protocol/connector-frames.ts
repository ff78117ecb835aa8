/** The connector's frames as text and back; both ends of the tunnel use this one. */
import { maxFrame } from "../contract/connector-frames.ts";

export interface Frame<Head> {
  readonly head: Head;
  readonly payload: string;
}

export function frameText(head: object, payload = ""): string {
  return `${JSON.stringify(head)}\n${payload}`;
}

/** Undefined when it is none of ours, or too large. */
export function readFrame<Head>(
  message: string,
  schema: { safeParse(value: unknown): { readonly success: true; readonly data: Head } | { readonly success: false } },
): Frame<Head> | undefined {
  const lineEnd = message.indexOf("\n");
  if (lineEnd < 0 || message.length > maxFrame) return undefined;
  try {
    const read = schema.safeParse(JSON.parse(message.slice(0, lineEnd)));
    return read.success ? { head: read.data, payload: message.slice(lineEnd + 1) } : undefined;
  } catch {
    return undefined;
  }
}

/** A body in parts that leave room for a head; at least one, which may be empty. Pairs of surrogates stay together. */
export function* partsOf(text: string, largest = maxFrame - 16_384): Generator<{ part: string; end: boolean }> {
  let at = 0;
  do {
    let to = Math.min(text.length, at + largest);
    if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to -= 1;
    yield { part: text.slice(at, to), end: to === text.length };
    at = to;
  } while (at < text.length);
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd8_00 && code <= 0xdb_ff;
}
