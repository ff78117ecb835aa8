/**
 * JSON as editors write it: with comments and trailing commas (jsonc-parser is VS Code's own). A member that stands
 * twice keeps its first value and is told, since parsers differ in which one they take (RFC 8259, section 4).
 */
import { createScanner, parseTree, printParseErrorCode, type Node, type ParseError } from "jsonc-parser";
import type { ConfigProblem } from "./problem.ts";

/** The parser calls itself for every level, so a deep text must not reach it. */
export const maxDepth = 64;
/** More are no slip of the pen, and each would be held against each entry. */
const mostDuplicates = 1_000;
/** `SyntaxKind` is a const enum, which is not there at run time; these are its members. */
const opens: readonly number[] = [1, 3];
const closes: readonly number[] = [2, 4];
const endOfText = 17;

export interface Jsonc {
  readonly value: unknown;
  /** JSON pointers (RFC 6901) of members that stand a second time. */
  readonly duplicates: readonly string[];
}

export function readJsonc(given: string): Jsonc | ConfigProblem {
  const text = given.startsWith("\ufeff") ? given.slice(1) : given;
  if (nestsTooDeep(text)) {
    return { code: "nested_too_deep", path: "", message: `is nested deeper than ${maxDepth} levels` };
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (!root || error) return syntaxProblem(text, error);
  const found: Found = { duplicates: [], forbidden: [] };
  const value = valueOf(root, "", found);
  const [path] = found.forbidden;
  const [duplicate] = found.duplicates;
  if (duplicate !== undefined && found.duplicates.length > mostDuplicates) {
    return {
      code: "duplicate_key",
      path: duplicate,
      message: `stands twice, as do more than ${mostDuplicates} others`,
    };
  }
  if (path !== undefined) return { code: "invalid_fields", path, message: "is not allowed as a name" };
  return { value, duplicates: found.duplicates };
}

interface Found {
  readonly duplicates: string[];
  readonly forbidden: string[];
}

function valueOf(node: Node, path: string, found: Found): unknown {
  if (node.type === "array") return (node.children ?? []).map((one, index) => valueOf(one, `${path}/${index}`, found));
  if (node.type !== "object") return node.value;
  const members: Record<string, unknown> = {};
  for (const { children = [] } of node.children ?? []) {
    const [key, value] = children;
    if (!key || !value) continue;
    const name = String(key.value);
    const here = `${path}/${escapePointer(name)}`;
    // A copy may turn it into a prototype.
    if (name === "__proto__") found.forbidden.push(here);
    else if (Object.hasOwn(members, name)) found.duplicates.push(here);
    else members[name] = valueOf(value, here, found);
  }
  return members;
}

export function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function nestsTooDeep(text: string): boolean {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token: number = scanner.scan(); token !== endOfText; token = scanner.scan()) {
    if (opens.includes(token) && ++depth > maxDepth) return true;
    if (closes.includes(token)) depth--;
  }
  return false;
}

function syntaxProblem(text: string, error: ParseError | undefined): ConfigProblem {
  if (!error || text.trim() === "") return { code: "malformed_json", path: "", message: "is empty" };
  const before = text.slice(0, error.offset).split("\n");
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  const fault = printParseErrorCode(error.error)
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return { code: "malformed_json", path: "", message: `is not valid JSON at ${place}: ${fault}` };
}
