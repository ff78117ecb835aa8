/** Takes one tool definition from a server's list: kept as its own text, or left out with the reason. */
import type { CatalogTool } from "../contract/catalog.ts";
import { isObject } from "./json-rpc.ts";
import { deeperThan } from "./json-text.ts";
import { readParamHeaders } from "./param-headers.ts";

export type Ingested =
  | { readonly ok: true; readonly tool: CatalogTool }
  | { readonly ok: false; readonly fault: string };

const maxNameLength = 128;
const maxDepth = 64;
/** One definition is one row; a SQLite row of an object holds 2 MB. */
const maxLength = 500_000;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** A name that can stand in a row, a header and a log line. */
export function nameFault(name: unknown): string | undefined {
  if (typeof name !== "string" || name === "") return "has no name";
  if (name.length > maxNameLength)
    return `"${name.slice(0, 40)}..." has a name longer than ${maxNameLength} characters`;
  if (controls.test(name) || !name.isWellFormed()) return `${JSON.stringify(name)} has control characters in its name`;
  return undefined;
}

/** What clients reject a whole list for: their SDKs check the shape of each tool before they use any. */
function shapeFault(tool: Readonly<Record<string, unknown>>): string | undefined {
  const { inputSchema, outputSchema, description, annotations } = tool;
  if (!isObject(inputSchema) || inputSchema["type"] !== "object") return "its inputSchema is not of type object";
  if (outputSchema !== undefined && !isObject(outputSchema)) return "its outputSchema is not an object";
  if (description !== undefined && typeof description !== "string") return "its description is not a string";
  if (annotations !== undefined && !isObject(annotations)) return "its annotations are not an object";
  return undefined;
}

/** `definition` is valid JSON. */
export function ingestTool(definition: string): Ingested {
  if (definition.length > maxLength) return { ok: false, fault: `a tool's definition is longer than ${maxLength}` };
  if (deeperThan(definition, maxDepth)) return { ok: false, fault: `a tool nests deeper than ${maxDepth} levels` };
  const tool: unknown = JSON.parse(definition);
  if (!isObject(tool)) return { ok: false, fault: "a tool is not an object" };
  const { name, description, title } = tool;
  const badName = nameFault(name);
  if (badName !== undefined || typeof name !== "string") return { ok: false, fault: `a tool ${badName}` };
  const badShape = shapeFault(tool);
  if (badShape !== undefined) return { ok: false, fault: `tool "${name}" was left out: ${badShape}` };
  const params = readParamHeaders(tool["inputSchema"]);
  if (!params.ok) return { ok: false, fault: `tool "${name}" was left out: ${params.fault}` };
  const hints = isObject(tool["annotations"]) ? tool["annotations"] : {};
  const text = typeof description === "string" ? description : title;
  return {
    ok: true,
    tool: {
      facts: {
        name,
        paramHeaders: params.headers,
        readOnly: hints["readOnlyHint"] === true,
        idempotent: hints["idempotentHint"] === true,
      },
      description: typeof text === "string" ? text : "",
      definition,
    },
  };
}
