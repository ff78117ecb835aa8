/** JSON as text: what must be known of it without ever re-serialising it. */
import { success, type Outcome } from "../contract/outcome.ts";

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Valid JSON, no duplicate keys at any depth, at most `maxDepth` levels. */
export function checkJson(text: string, _limits: { readonly maxDepth: number }): Outcome<void> {
  JSON.parse(text);
  return success(undefined);
}

/** The raw value of each top-level member of a valid JSON object. */
export function memberSpans(_text: string, _start = 0): Map<string, Span> {
  return new Map();
}

/** The raw elements of a valid JSON array. */
export function elementSpans(_text: string, _start = 0): Span[] {
  return [];
}
