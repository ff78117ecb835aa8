/** One decoder for every whole text; it keeps nothing between calls. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

const encoder = new TextEncoder();
const replacement = "\ufffd";

/**
 * Whether the runtime, which decodes a body several times faster than we do but never says what it replaced, has
 * replaced anything: what stands for a broken byte is longer than it was. (A character cut off after its third of
 * four bytes passes as the replacement it became.) `size`: of the body, in bytes.
 */
export function wasUtf8(text: string, size: number): boolean {
  if (!text.includes(replacement)) return true;
  const { length } = encoder.encode(text);
  return length === size || length + 3 === size;
}

/** Undefined when the bytes are not UTF-8. A byte order mark is dropped. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
