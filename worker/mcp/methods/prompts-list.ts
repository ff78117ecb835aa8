/** `prompts/list`, from the catalogs. */
import { z } from "zod";
import { qualify } from "../../../core/policies/names.ts";
import { viewOf } from "../../../core/policies/toolset-view.ts";
import { redefine } from "../../../core/protocol/redefine.ts";
import { withMember } from "../../../core/protocol/result-text.ts";
import { toolsetOf } from "../../leases/toolsets.ts";
import { entryPage, entryPlace } from "../listing/entries.ts";
import { pageText, placeOf } from "../listing/page.ts";
import { promptsFor } from "../listing/toolset-items.ts";
import type { Method, RpcCall, RpcOutcome } from "../rpc-call.ts";

const perPage = 200;

export const listPrompts: Method = (call) =>
  call.offering.is === "toolset" ? toolsetPage(call, call.offering.toolset) : catalogPage(call);

async function catalogPage(call: RpcCall): Promise<RpcOutcome> {
  const after = await placeOf(call, entryPlace);
  if (!after.ok) return after;
  const page = await entryPage(call, "prompts", after.value, () => true);
  if (!page.ok) return page;
  const { entries, next, silent } = page.value;
  const isQualified = call.offering.is === "everything";
  const rows = entries.map(({ server, name, definition, stale }) => ({
    definition: isQualified ? withMember(definition, "name", JSON.stringify(qualify(server, name))) : definition,
    stale,
  }));
  return pageText(call, "prompts", { rows, silent, ...(next ? { next } : {}) });
}

async function toolsetPage(call: RpcCall, id: string): Promise<RpcOutcome> {
  const after = await placeOf(call, z.string());
  if (!after.ok) return after;
  const from = after.value ?? "";
  const toolset = await toolsetOf(call.house, id);
  if (!toolset.ok) return toolset;
  const read = await promptsFor(call, toolset.value);
  if (!read.ok) return read;
  const rest = viewOf(toolset.value, read.value.items, "prompts").offered.filter(({ name }) => name > from);
  const page = rest.slice(0, perPage);
  const last = page.at(-1);
  return pageText(call, "prompts", {
    rows: page.map(({ item, shown }) => ({ definition: redefine(item.definition, shown), stale: item.stale })),
    ...(last && rest.length > perPage ? { next: last.name } : {}),
    silent: read.value.silent,
  });
}
