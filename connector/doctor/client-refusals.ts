/**
 * What clients and the models behind them refuse of a tool that MCP allows. Claude's API refuses the whole request for
 * one such schema; VS Code and Cursor leave the tool out. Each was seen in their own error messages.
 */
import { looksShortened } from "../../core/policies/names.ts";

export interface ListedTool {
  readonly name: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

export interface Refusal {
  readonly says: string;
  readonly mend: string;
}

/** Cursor counts the name of its own entry for the gateway, too; ours is suggested as `patchbay`. */
const longestForCursor = 60;
const entryName = "patchbay:";

const schemaMend = "Correct the schema in the server, or hide the tool with a toolset.";

const shortened: Refusal = {
  says: "have a name that is too long, or has characters that models refuse, and are offered under a shortened one",
  mend: "Give them a name in a toolset, or the server a shorter id: it is the first half of every name.",
};
const long: Refusal = {
  says: `have a name that is too long for Cursor, which takes ${longestForCursor} characters with the entry's name`,
  mend: "Call the entry for this gateway something short in Cursor, or rename the tools in a toolset.",
};
const combined: Refusal = {
  says: "have anyOf, oneOf or allOf at the top of the input schema, for which Claude refuses the whole request",
  mend: `${schemaMend} The alternatives belong inside a property, or into the description.`,
};
const oddKeys: Refusal = {
  says: "have parameters whose names are not 1 to 64 of A-Z a-z 0-9 _ . -, which Claude refuses",
  mend: schemaMend,
};
const openArrays: Refusal = {
  says: `have a parameter of type array without "items", which VS Code and OpenAI's API refuse`,
  mend: `${schemaMend} {"type":"array","items":{"type":"string"}} is what is missing.`,
};

export function refusalsOf({ name, inputSchema }: ListedTool): readonly Refusal[] {
  const found: Refusal[] = [];
  if (looksShortened(name)) found.push(shortened);
  if (name.length + entryName.length > longestForCursor) found.push(long);
  if (["anyOf", "oneOf", "allOf"].some((word) => word in inputSchema)) found.push(combined);
  const keys = Object.keys(asObject(inputSchema["properties"]));
  if (keys.some((key) => !/^[a-zA-Z0-9_.-]{1,64}$/.test(key))) found.push(oddKeys);
  if (hasOpenArray(inputSchema, 0)) found.push(openArrays);
  return found;
}

const deepest = 64;

/** Schemas within schemas; what only looks like one, in `default` or `enum`, is passed over. */
function hasOpenArray(schema: unknown, depth: number): boolean {
  if (depth > deepest || typeof schema !== "object" || schema === null) return false;
  const { type, properties, items, prefixItems, anyOf, oneOf, allOf, additionalProperties, $defs } = asObject(schema);
  if (type === "array" && items === undefined && prefixItems === undefined) return true;
  const inner = [
    ...Object.values(asObject(properties)),
    ...Object.values(asObject($defs)),
    ...[anyOf, oneOf, allOf, prefixItems].flatMap((list: unknown): unknown[] => (Array.isArray(list) ? list : [])),
    items,
    additionalProperties,
  ];
  return inner.some((one) => hasOpenArray(one, depth + 1));
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
