/** `x-mcp-header`: tool arguments that modern servers want mirrored into `Mcp-Param-*` headers (SEP-2243). */
import type { ParamHeader } from "../contract/call.ts";
import { headerValue } from "./header-value.ts";
import { isObject } from "./json-rpc.ts";

const keyword = "x-mcp-header";
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const types = new Set(["string", "integer", "boolean"]);
/** Schema nesting is bounded before this is asked; this bounds the walk all the same. */
const maxDepth = 64;

/** Keywords that hold one schema or several, in which an annotation is a fault. */
const schemas = [
  "items",
  "prefixItems",
  "contains",
  "additionalProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "propertyNames",
  "oneOf",
  "anyOf",
  "allOf",
  "not",
  "if",
  "then",
  "else",
];
/** The same, by name. */
const namedSchemas = ["patternProperties", "dependentSchemas", "$defs", "definitions"];

export type ParamHeaders =
  | { readonly ok: true; readonly headers: readonly ParamHeader[] }
  | { readonly ok: false; readonly fault: string };

/** The annotations of a tool's input schema. Any that breaks the rules makes the whole tool unusable. */
export function readParamHeaders(inputSchema: unknown): ParamHeaders {
  const headers: ParamHeader[] = [];
  const taken = new Set<string>();

  const annotated = (schema: Readonly<Record<string, unknown>>, path: readonly string[], reachable: boolean) => {
    const header = schema[keyword];
    if (header === undefined) return undefined;
    const where = `at /${path.join("/")}`;
    if (!reachable || path.length === 0) return `${keyword} ${where} is not on a plain property`;
    if (typeof header !== "string" || !token.test(header)) return `${keyword} ${where} is not a header name`;
    const type = schema["type"];
    if (typeof type !== "string" || !types.has(type)) {
      return `${keyword} ${where} is on something else than a string, integer or boolean`;
    }
    if (taken.has(header.toLowerCase())) return `${keyword} "${header}" is used twice`;
    taken.add(header.toLowerCase());
    headers.push({ header: `Mcp-Param-${header}`, path });
    return undefined;
  };

  const visit = (node: unknown, path: readonly string[], reachable: boolean, depth: number): string | undefined => {
    if (!isObject(node)) return undefined;
    if (depth > maxDepth) return "the input schema nests too deeply";
    let fault = annotated(node, path, reachable);
    const descend = (child: unknown, key: string, stillReachable: boolean) => {
      fault ??= visit(child, [...path, key], stillReachable, depth + 1);
    };
    const properties = node["properties"];
    if (isObject(properties)) for (const [key, child] of Object.entries(properties)) descend(child, key, reachable);
    for (const name of schemas) {
      const held = node[name];
      for (const child of Array.isArray(held) ? held : [held]) descend(child, name, false);
    }
    for (const name of namedSchemas) {
      const held = node[name];
      if (isObject(held)) for (const child of Object.values(held)) descend(child, name, false);
    }
    return fault;
  };

  const fault = visit(inputSchema, [], true, 0);
  return fault === undefined ? { ok: true, headers } : { ok: false, fault };
}

/** The headers of one call. An absent or null argument has none, nor has one that a header cannot carry exactly. */
export function paramHeadersOf(wanted: readonly ParamHeader[], argumentsText: string): Record<string, string> {
  const given: unknown = JSON.parse(argumentsText);
  const headers: Record<string, string> = {};
  for (const { header, path } of wanted) {
    const text = primitiveText(argumentAt(given, path));
    if (text !== undefined) headers[header] = headerValue(text);
  }
  return headers;
}

export function argumentAt(root: unknown, path: readonly string[]): unknown {
  let node = root;
  for (const key of path) {
    if (!isObject(node) || !Object.hasOwn(node, key)) return undefined;
    node = node[key];
  }
  return node;
}

/** As a header has it; undefined for what a header cannot carry exactly. */
export function primitiveText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || Number.isSafeInteger(value)) return String(value);
  return undefined;
}
