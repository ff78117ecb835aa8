/** A toolset's changes to a tool as text: to its definition, and to a call's arguments. All else stays as it was written. */
import type { ArgumentChanges, Redefinition } from "../contract/toolset.ts";
import { elementSpans, memberText } from "./json-text.ts";
import { withMembers } from "./splice.ts";

/** The server's own name for what it defines. */
export function definedName(definition: string): string {
  const name: unknown = JSON.parse(memberText(definition, "name") ?? "null");
  return typeof name === "string" ? name : "";
}

export function redefine(definition: string, { name, title, description, without }: Redefinition): string {
  const changes = new Map([["name", JSON.stringify(name)]]);
  if (title !== undefined) changes.set("title", JSON.stringify(title));
  if (description !== undefined) changes.set("description", JSON.stringify(description));
  const schema = without.length === 0 ? undefined : memberText(definition, "inputSchema");
  if (schema?.startsWith("{")) changes.set("inputSchema", withoutProperties(schema, without));
  return withMembers(definition, changes);
}

/** `argumentsText` is a valid JSON object. Also in place of what the client sent, which it was not shown. */
export function applyFixed(argumentsText: string, { fixedArguments, hiddenArguments }: ArgumentChanges): string {
  const changes = new Map<string, string | undefined>(Object.entries(fixedArguments));
  for (const argument of hiddenArguments) changes.set(argument, undefined);
  return withMembers(argumentsText, changes);
}

/** Top level only: that is where a tool's arguments stand (MCP, Tool.inputSchema). */
function withoutProperties(schema: string, names: readonly string[]): string {
  const changes = new Map<string, string | undefined>();
  const properties = memberText(schema, "properties");
  const gone = new Map(names.map((name) => [name, undefined]));
  if (properties?.startsWith("{")) changes.set("properties", withMembers(properties, gone));
  const required = memberText(schema, "required");
  if (required?.startsWith("[")) changes.set("required", withoutElements(required, new Set(names)));
  return withMembers(schema, changes);
}

function withoutElements(list: string, names: ReadonlySet<string>): string {
  const elements = elementSpans(list).map(({ start, end }) => list.slice(start, end));
  const kept = elements.filter((element) => !isOneOf(element, names));
  return kept.length === elements.length ? list : `[${kept.join(",")}]`;
}

function isOneOf(element: string, names: ReadonlySet<string>): boolean {
  const value: unknown = element.startsWith('"') ? JSON.parse(element) : undefined;
  return typeof value === "string" && names.has(value);
}
