/** `resources/list` and `resources/templates/list`, from the catalogs. URIs are the servers' own. */
import type { EntryQuery } from "../../../core/contract/conversation.ts";
import { takesResource } from "../../../core/policies/toolset.ts";
import { toolsetOf } from "../../leases/toolsets.ts";
import { entryPage, entryPlace } from "../listing/entries.ts";
import { pageText, placeOf } from "../listing/page.ts";
import type { Method, RpcCall, RpcOutcome } from "../rpc-call.ts";

export const listResources: Method = (call) => list(call, "resources", "resources");
export const listTemplates: Method = (call) => list(call, "templates", "resourceTemplates");

async function list(call: RpcCall, what: EntryQuery["what"], member: string): Promise<RpcOutcome> {
  const after = await placeOf(call, entryPlace);
  if (!after.ok) return after;
  const { offering, house } = call;
  const toolset = offering.is === "toolset" ? await toolsetOf(house, offering.toolset) : undefined;
  if (toolset && !toolset.ok) return toolset;
  const page = await entryPage(call, what, after.value, ({ server, name }) =>
    toolset ? takesResource(toolset.value, server, name) : true,
  );
  if (!page.ok) return page;
  const { entries, next, silent } = page.value;
  return pageText(call, member, { rows: entries, silent, ...(next ? { next } : {}) });
}
