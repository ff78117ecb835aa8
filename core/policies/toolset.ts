/** What a toolset takes in: servers, then patterns, where deny wins; and the names that it gives away itself. */
import type { Selection, Toolset } from "../contract/toolset.ts";
import { allowed, qualify, splitName } from "./names.ts";

export type NamedList = "tools" | "prompts";

/** A tool or prompt under its server's name for it. */
export interface Origin {
  readonly server: string;
  readonly tool: string;
}

export function takesFrom(toolset: Toolset, server: string): boolean {
  return toolset.servers === undefined || toolset.servers.includes(server);
}

export function takesNamed(toolset: Toolset, list: NamedList, { server, tool }: Origin): boolean {
  return takesFrom(toolset, server) && isSelected(toolset[list], qualify(server, tool));
}

/** A resource by its URI, a template by its text; reading is judged by the URI that is read. */
export function takesResource(toolset: Toolset, server: string, uri: string): boolean {
  return takesFrom(toolset, server) && isSelected(toolset.resources, uri);
}

const nobody: ReadonlyMap<string, string> = new Map();
/** Every call asks; a toolset never changes, a new one takes its place. */
const found = new WeakMap<Toolset, ReadonlyMap<string, string>>();

/**
 * Names that single tools were given, each with the qualified name of its tool. They are kept free whether or not the
 * tool is there at present: else a name would lead to another server's tool for as long as its own server is away.
 */
export function givenNames(toolset: Toolset, list: NamedList): ReadonlyMap<string, string> {
  if (list === "prompts") return nobody;
  const known = found.get(toolset);
  if (known) return known;
  const given = new Map<string, string>();
  for (const [qualified, { name }] of Object.entries(toolset.overrides)) {
    if (name !== undefined && isTaken(toolset, qualified)) given.set(name, qualified);
  }
  found.set(toolset, given);
  return given;
}

function isTaken(toolset: Toolset, qualified: string): boolean {
  const server = splitName(qualified)?.server;
  return server !== undefined && takesFrom(toolset, server) && isSelected(toolset.tools, qualified);
}

function isSelected(selection: Selection | undefined, name: string): boolean {
  if (!allowed(selection?.allow, name)) return false;
  return selection?.deny === undefined || !allowed(selection.deny, name);
}
