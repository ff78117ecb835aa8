/** Header values of the modern era that mirror the body: `Mcp-Name` and `Mcp-Param-*` (SEP-2243, value encoding). */

const plain = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;
const sentinel = /^=\?base64\?.*\?=$/;

/**
 * The value itself when it is safe in a header, else its UTF-8 bytes as `=?base64?...?=`. Values that look
 * encoded are encoded too. Our own check, because `Headers` accepts characters beyond ASCII.
 */
export function headerValue(value: string): string {
  return plain.test(value) && !sentinel.test(value) ? value : `=?base64?${base64(value)}?=`;
}

function base64(value: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(value)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
