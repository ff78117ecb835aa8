/** Header values of the modern era that mirror the body: `Mcp-Name` and `Mcp-Param-*` (SEP-2243, value encoding). */

import { decodeUtf8 } from "./utf8.ts";

const plain = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;
const opening = "=?base64?";
const closing = "?=";
const canonical = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function looksEncoded(value: string): boolean {
  return value.startsWith(opening) && value.endsWith(closing);
}

/**
 * The value itself when it is safe in a header, else its UTF-8 bytes as `=?base64?...?=`. Values that look
 * encoded are encoded too. Our own check, because `Headers` accepts characters beyond ASCII.
 */
export function headerValue(value: string): string {
  return plain.test(value) && !looksEncoded(value) ? value : opening + base64(value) + closing;
}

/** What a header says: undefined when it is encoded wrongly, or holds characters that need encoding. */
export function readHeaderValue(header: string): string | undefined {
  if (!looksEncoded(header)) return plain.test(header) ? header : undefined;
  const encoded = header.slice(opening.length, -closing.length);
  if (!canonical.test(encoded)) return undefined;
  return decodeUtf8(Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0)));
}

function base64(value: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(value)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
