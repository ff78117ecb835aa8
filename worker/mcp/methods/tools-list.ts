/** `tools/list`, from the catalogs: no server is asked, so none can delay or fail it. */
import { z } from "zod";
import type { ListedTool } from "../../../core/contract/catalog.ts";
import { viewOf } from "../../../core/policies/toolset-view.ts";
import { redefine } from "../../../core/protocol/redefine.ts";
import { withMember } from "../../../core/protocol/result-text.ts";
import { toolsetOf } from "../../leases/toolsets.ts";
import { gather } from "../listing/gather.ts";
import { pageText, placeOf } from "../listing/page.ts";
import { toolsFor } from "../listing/toolset-items.ts";
import type { Method, RpcCall, RpcOutcome } from "../rpc-call.ts";

const perPage = 1_000;

export const listTools: Method = async (call) => {
  const after = await placeOf(call, z.string());
  if (!after.ok) return after;
  const { offering } = call;
  return offering.is === "toolset" ? toolsetPage(call, offering.toolset, after.value) : catalogPage(call, after.value);
};

/** By qualified name, merged from the shards. */
async function catalogPage(call: RpcCall, after: string | undefined): Promise<RpcOutcome> {
  const { house, offering, caller } = call;
  const server = offering.is === "server" ? offering.server : undefined;
  const { tools: allow } = caller.principal;
  const query = {
    ...(server === undefined ? {} : { server }),
    ...(allow === undefined ? {} : { allow }),
    ...(after === undefined ? {} : { after: { rank: 0, name: after } }),
    limit: perPage + 1,
  };
  const gathered = await gather(house, server, (shard) => shard.tools(query));
  if (!gathered.ok) return gathered;
  const { items, silent } = gathered.value;
  const page = items.toSorted(byName).slice(0, perPage);
  const last = page.at(-1);
  return pageText(call, "tools", {
    rows: server === undefined ? page.map(qualified) : page,
    ...(last && items.length > perPage ? { next: last.name } : {}),
    silent,
  });
}

async function toolsetPage(call: RpcCall, id: string, after: string | undefined): Promise<RpcOutcome> {
  const toolset = await toolsetOf(call.house, id);
  if (!toolset.ok) return toolset;
  const read = await toolsFor(call, toolset.value);
  if (!read.ok) return read;
  const { offered } = viewOf(toolset.value, read.value.items);
  const rest = offered.filter(({ name }) => after === undefined || name > after);
  const page = rest.slice(0, perPage);
  const last = page.at(-1);
  return pageText(call, "tools", {
    rows: page.map(({ item, shown }) => ({ definition: redefine(item.definition, shown), stale: item.stale })),
    ...(last && rest.length > perPage ? { next: last.name } : {}),
    silent: read.value.silent,
  });
}

function qualified({ name, definition, stale }: ListedTool): { definition: string; stale: boolean } {
  return { definition: withMember(definition, "name", JSON.stringify(name)), stale };
}

/** Code units, as the shards sort. */
function byName(a: ListedTool, b: ListedTool): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
