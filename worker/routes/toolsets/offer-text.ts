/** The preview as text: definitions are spliced in as the servers sent them, so that no number, escape or order is lost. */
import { memberSpans } from "../../../core/protocol/json-text.ts";
import { redefine } from "../../../core/protocol/redefine.ts";
import type { Conflict, Offered } from "../../../core/policies/toolset-view.ts";

export interface Listed {
  readonly server: string;
  readonly tool: string;
  readonly definition: string;
  readonly stale: boolean;
}

interface Beside {
  readonly conflicts: readonly Conflict[];
  readonly unused: readonly string[];
  readonly nextCursor: string | undefined;
  readonly incomplete: readonly string[] | undefined;
}

/** Ours to say; a server's own member of such a name would stand twice. */
const ours: ReadonlySet<string> = new Set(["name", "server", "tool", "stale"]);

export function offerText(tools: readonly Offered<Listed>[], beside: Beside): string {
  return `{"tools":[${tools.map(toolText).join(",")}],${JSON.stringify(beside).slice(1)}`;
}

function toolText({ name, item, shown }: Offered<Listed>): string {
  const { server, tool, stale } = item;
  const members = [JSON.stringify({ name, server, tool }).slice(1, -1)];
  const definition = redefine(item.definition, shown);
  for (const [member, { start, end }] of memberSpans(definition)) {
    if (!ours.has(member)) members.push(`${JSON.stringify(member)}:${definition.slice(start, end)}`);
  }
  if (stale) members.push('"stale":true');
  return `{${members.join(",")}}`;
}
