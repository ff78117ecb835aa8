/** Takes one definition from a server's list: kept as its own text, or left out with the reason. */
import type { CatalogEntry, CatalogTool } from "../contract/catalog.ts";
import { isObject } from "./json-rpc.ts";
import { tooHeavy } from "./json-text.ts";
import { readParamHeaders } from "./param-headers.ts";

export type Ingested<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: string };

const maxNameLength = 128;
const maxUriLength = 8_192;
const weight = { maxDepth: 64, maxValues: Number.POSITIVE_INFINITY };
/** One definition is one row; a SQLite row of an object holds 2 MB. */
const maxLength = 500_000;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** What clients reject a whole list for: their SDKs check the shape of each tool before they use any. */
function shapeFault(tool: Readonly<Record<string, unknown>>): string | undefined {
  const { inputSchema, outputSchema, description, annotations } = tool;
  if (!isObject(inputSchema) || inputSchema["type"] !== "object") return "its inputSchema is not of type object";
  if (outputSchema !== undefined && !isObject(outputSchema)) return "its outputSchema is not an object";
  if (description !== undefined && typeof description !== "string") return "its description is not a string";
  if (annotations !== undefined && !isObject(annotations)) return "its annotations are not an object";
  return undefined;
}

/** `definition` is valid JSON, as are all that come out of a list. */
function open(definition: string): Ingested<Readonly<Record<string, unknown>>> {
  if (definition.length > maxLength) return { ok: false, fault: `one is longer than ${maxLength} characters` };
  if (tooHeavy(definition, weight)) return { ok: false, fault: `one nests deeper than ${weight.maxDepth} levels` };
  const value: unknown = JSON.parse(definition);
  return isObject(value) ? { ok: true, value } : { ok: false, fault: "one is not an object" };
}

/** A tool's name stands in rows, headers and log lines. */
function nameFault(name: unknown): string | undefined {
  if (typeof name !== "string" || name === "") return "one has no name";
  if (name.length > maxNameLength) return `"${name.slice(0, 40)}..." has more than ${maxNameLength} characters`;
  return controls.test(name) || !name.isWellFormed() ? `${JSON.stringify(name)} has control characters` : undefined;
}

export function ingestTool(definition: string): Ingested<CatalogTool> {
  const opened = open(definition);
  if (!opened.ok) return opened;
  const tool = opened.value;
  const { name, title, description } = tool;
  const badName = nameFault(name);
  if (badName !== undefined || typeof name !== "string") return { ok: false, fault: badName ?? "one has no name" };
  const badShape = shapeFault(tool);
  if (badShape !== undefined) return { ok: false, fault: `"${name}": ${badShape}` };
  const params = readParamHeaders(tool["inputSchema"]);
  if (!params.ok) return { ok: false, fault: `"${name}": ${params.fault}` };
  const hints = isObject(tool["annotations"]) ? tool["annotations"] : {};
  const text = description ?? title;
  return {
    ok: true,
    value: {
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

/** A prompt, resource or template, known by its member `key`. */
export function ingestEntry(definition: string, key: "name" | "uri" | "uriTemplate"): Ingested<CatalogEntry> {
  const opened = open(definition);
  if (!opened.ok) return opened;
  const name = opened.value[key];
  if (typeof name !== "string" || name === "" || name.length > maxUriLength) {
    return { ok: false, fault: `one has no usable ${key}` };
  }
  return { ok: true, value: { name, definition } };
}
