/** Qualified names, `server__tool`: what clients see, what key patterns speak of, what a typo comes near to. */
import { distance } from "fastest-levenshtein";
import { hashText } from "./stable-hash.ts";

const longestName = 64;
const separator = "__";
const hashLength = 8;
/** No vowels, so that no word of a real tool name looks like a hash. */
const hashDigits = "0123456789bcdfghjklmnpqrstvwxz";
const shortened = new RegExp(`_[${hashDigits}]{${hashLength}}$`);

/** One name per tool: a server id holds no `__`, and a tool that looks like a shortened one is itself shortened. */
export function qualify(server: string, tool: string): string {
  const plain = `${server}${separator}${tool}`;
  if (plain.length <= longestName && isPlain(tool)) return plain;
  return `${server}${separator}${shorten(tool, longestName - server.length - separator.length)}`;
}

/** A tool's name without its server's, as it may be offered. */
export function bareName(tool: string): string {
  return tool.length <= longestName && isPlain(tool) ? tool : shorten(tool, longestName);
}

/** Whether only a list of tools can tell which tool this name was made of. */
export function looksShortened(name: string): boolean {
  return shortened.test(name);
}

function isPlain(tool: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(tool) && !looksShortened(tool);
}

function shorten(tool: string, most: number): string {
  const start = tool.slice(0, Math.max(0, most - 1 - hashLength)).replaceAll(/[^A-Za-z0-9_-]/g, "_");
  return `${start}_${hashDigitsOf(tool)}`;
}

export function splitName(name: string): { server: string; tool: string } | undefined {
  const at = name.indexOf(separator);
  if (at < 1 || at + separator.length === name.length) return undefined;
  return { server: name.slice(0, at), tool: name.slice(at + separator.length) };
}

/** Whether a key with these patterns may use the tool; a key without patterns may use every tool. */
export function allowed(patterns: readonly string[] | undefined, qualifiedName: string): boolean {
  return patterns === undefined || patterns.some((pattern) => matches(pattern, qualifiedName));
}

/**
 * Each piece between stars is looked for once, left to right, and never given up again: the leftmost
 * place is the best one, so there is nothing to go back for, however the pattern is made.
 */
function matches(pattern: string, name: string): boolean {
  const pieces = pattern.split("*");
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  if (pieces.length === 1) return name === pattern;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let from = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const at = name.indexOf(piece, from);
    if (at < 0 || at + piece.length > end) return false;
    from = at + piece.length;
  }
  return true;
}

/** What was perhaps meant: candidates within a few letters of `word`, as a whole or by their tool part. */
export function nearest(word: string, candidates: readonly string[], most = 3): string[] {
  const wanted = word.slice(0, 2 * longestName).toLowerCase();
  const reach = Math.min(wanted.length - 1, Math.max(2, Math.floor(wanted.length / 3)));
  return [...new Set(candidates)]
    .map((name) => ({ name, edits: editsTo(wanted, name.toLowerCase()) }))
    .filter(({ edits }) => edits <= reach)
    .sort((a, b) => a.edits - b.edits || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

function editsTo(wanted: string, name: string): number {
  const whole = distance(wanted, name);
  const tool = wanted.includes(separator) ? undefined : splitName(name)?.tool;
  return tool === undefined ? whole : Math.min(whole, distance(wanted, tool));
}

function hashDigitsOf(tool: string): string {
  let digits = "";
  for (const seed of [1, 2]) {
    let rest = hashText(tool, seed);
    for (let i = 0; i < hashLength / 2; i++) {
      digits += hashDigits.charAt(rest % hashDigits.length);
      rest = Math.floor(rest / hashDigits.length);
    }
  }
  return digits;
}
