/** The list as text: definitions are spliced in as the servers sent them, so that no number, escape or order is lost. */
import type { ListedTool } from "../../../core/contract/catalog.ts";
import { memberSpans } from "../../../core/protocol/json-text.ts";

/** Ours to say; a server's own member of such a name would stand twice. */
const ours: ReadonlySet<string> = new Set(["name", "server", "stale"]);

export function listingOf(
  tools: readonly ListedTool[],
  nextCursor: string | undefined,
  silent: readonly string[],
): string {
  const next = nextCursor === undefined ? "" : `,"nextCursor":${JSON.stringify(nextCursor)}`;
  const incomplete = silent.length === 0 ? "" : `,"incomplete":${JSON.stringify(silent)}`;
  return `{"tools":[${tools.map(toolText).join(",")}]${next}${incomplete}}`;
}

function toolText({ name, server, definition, stale }: ListedTool): string {
  const members = [`"name":${JSON.stringify(name)}`, `"server":${JSON.stringify(server)}`];
  for (const [member, { start, end }] of memberSpans(definition)) {
    if (!ours.has(member)) members.push(`${JSON.stringify(member)}:${definition.slice(start, end)}`);
  }
  if (stale) members.push('"stale":true');
  return `{${members.join(",")}}`;
}
