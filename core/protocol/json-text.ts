/**
 * JSON as text: what must be known of it without ever re-serialising it, because a parse and a
 * stringify lose numbers beyond 2^53, escapes and order. All but `readJson` trust their input to be
 * valid JSON; on other text they give nonsense, but they end.
 */
import type { Failure } from "../contract/failure.ts";
import { failure, success, type Outcome } from "../contract/outcome.ts";

export interface Span {
  readonly start: number;
  readonly end: number;
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Strings are walked this far, then leapt through: a leap pays off only over a distance. */
const walkLength = 24;

/** Index after the string that opens at `open`. */
function stringEnd(text: string, open: number): number {
  let i = open + 1;
  while (i < text.length) {
    for (const stop = i + walkLength; i < stop; i++) {
      const code = text.charCodeAt(i);
      if (code === quote) return i + 1;
      if (code === backslash) i++;
    }
    const next = text.indexOf('"', i);
    if (next === -1) break;
    let slashes = 0;
    while (next - slashes > i && text.charCodeAt(next - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return next + 1;
    i = next + 1;
  }
  return text.length;
}

function skipSpace(text: string, at: number): number {
  let i = at;
  while (i < text.length && text.charCodeAt(i) <= 0x20) i++;
  return i;
}

/** Index after the object or array that opens at `open`. */
function nestedEnd(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) i = stringEnd(text, i) - 1;
    else if (code === openBrace || code === openBracket) depth++;
    else if ((code === closeBrace || code === closeBracket) && --depth === 0) return i + 1;
  }
  return text.length;
}

/** Index after the value that starts at `start`. */
function valueEnd(text: string, start: number): number {
  const code = text.charCodeAt(start);
  if (code === quote) return stringEnd(text, start);
  if (code === openBrace || code === openBracket) return nestedEnd(text, start);
  let i = start;
  while (i < text.length) {
    const next = text.charCodeAt(i);
    if (next === comma || next === closeBrace || next === closeBracket || next <= 0x20) break;
    i++;
  }
  return i;
}

/** The key's own text; an escaped key is decoded, since `"a"` and `"\u0061"` are one key. */
function keyOf(text: string, open: number, end: number): string {
  const raw = text.slice(open + 1, end - 1);
  return raw.includes("\\") ? String(JSON.parse(text.slice(open, end))) : raw;
}

/** Visits each top-level member of a valid JSON object, also those whose key stands there twice; `at` is its key's start. */
export function eachMember(text: string, start: number, visit: (key: string, value: Span, at: number) => void): void {
  let i = skipSpace(text, start);
  if (text.charCodeAt(i) !== openBrace) return;
  i = skipSpace(text, i + 1);
  while (text.charCodeAt(i) === quote) {
    const keyEnd = stringEnd(text, i);
    const valueStart = skipSpace(text, text.indexOf(":", keyEnd) + 1);
    const end = valueEnd(text, valueStart);
    visit(keyOf(text, i, keyEnd), { start: valueStart, end }, i);
    i = skipSpace(text, end);
    if (text.charCodeAt(i) !== comma) break;
    i = skipSpace(text, i + 1);
  }
}

/** The raw value of each top-level member of a valid JSON object; of equal keys the last, as JSON.parse has it. */
export function memberSpans(text: string, start = 0): Map<string, Span> {
  const spans = new Map<string, Span>();
  eachMember(text, start, (key, value) => spans.set(key, value));
  return spans;
}

/** The raw text of one top-level member of a valid JSON object. */
export function memberText(text: string, name: string): string | undefined {
  const span = memberSpans(text).get(name);
  return span && text.slice(span.start, span.end);
}

/** The raw elements of a valid JSON array. */
export function elementSpans(text: string, start = 0): Span[] {
  const spans: Span[] = [];
  let i = skipSpace(text, start);
  if (text.charCodeAt(i) !== openBracket) return spans;
  i = skipSpace(text, i + 1);
  while (i < text.length && text.charCodeAt(i) !== closeBracket) {
    const end = valueEnd(text, i);
    spans.push({ start: i, end });
    i = skipSpace(text, end);
    if (text.charCodeAt(i) !== comma) break;
    i = skipSpace(text, i + 1);
  }
  return spans;
}

export interface Weight {
  readonly maxDepth: number;
  readonly maxValues: number;
}

/**
 * Whether parsing would cost out of proportion to the text: `[[[[` and `0,0,0,` take up to fifty times their
 * length. The walk itself takes nothing.
 */
export function tooHeavy(text: string, { maxDepth, maxValues }: Weight): boolean {
  let depth = 0;
  let values = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) i = stringEnd(text, i) - 1;
    else if (code === comma) values++;
    else if (code === openBrace || code === openBracket) {
      values++;
      if (++depth > maxDepth) return true;
    } else if (code === closeBrace || code === closeBracket) depth--;
  }
  return values > maxValues;
}

/** Whether text that is not valid JSON looks like JSON that was cut off: something opened and never closed. */
export function endsTooEarly(text: string): boolean {
  const start = skipSpace(text, 0);
  const code = text.charCodeAt(start);
  if (code !== openBrace && code !== openBracket) return false;
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const next = text.charCodeAt(i);
    if (next === quote) {
      const end = stringEnd(text, i);
      if (end === text.length && text.charCodeAt(end - 1) !== quote) return true;
      i = end - 1;
    } else if (next === openBrace || next === openBracket) depth++;
    else if (next === closeBrace || next === closeBracket) depth--;
  }
  return depth > 0;
}

/** One open object or array: its keys so far, or how many elements went before. */
interface Level {
  readonly keys: Set<string> | undefined;
  key: string;
  index: number;
  keyNext: boolean;
}

/** Where we are, as a JSON pointer (RFC 6901). */
function pointer(levels: readonly Level[]): string {
  return levels
    .map((level) => (level.keys ? level.key : String(level.index)))
    .map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

/** The first thing about valid JSON that we refuse: too deep, or a key that stands twice in one object. */
function refusalIn(text: string, maxDepth: number): Failure | undefined {
  const levels: Level[] = [];
  let top: Level | undefined;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) {
      const end = stringEnd(text, i);
      if (top?.keyNext) {
        top.key = keyOf(text, i, end);
        top.keyNext = false;
        if (top.keys?.size === top.keys?.add(top.key).size) return { code: "duplicate_key", path: pointer(levels) };
      }
      i = end - 1;
    } else if (code === comma) {
      if (top?.keys) top.keyNext = true;
      else if (top) top.index++;
    } else if (code === openBrace || code === openBracket) {
      const object = code === openBrace;
      top = { keys: object ? new Set() : undefined, key: "", index: 0, keyNext: object };
      levels.push(top);
      if (levels.length > maxDepth) return { code: "nested_too_deep", limit: maxDepth };
    } else if (code === closeBrace || code === closeBracket) {
      levels.pop();
      top = levels.at(-1);
    }
  }
  return undefined;
}

/**
 * The value of valid JSON with at most `maxDepth` levels and no duplicate keys at any depth: two parsers could
 * read `{"a":1,"a":2}` two ways, so what was checked here would not be what the server runs.
 */
export function readJson(text: string, limits: { readonly maxDepth: number }): Outcome<unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return failure({ code: "malformed_json", detail: error instanceof Error ? error.message : "not JSON" });
  }
  const refusal = refusalIn(text, limits.maxDepth);
  return refusal ? failure(refusal) : success(value);
}
