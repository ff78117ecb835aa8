/** `tools/list`, from the catalogs: no server is asked, so none can delay or fail it. */
import { z } from "zod";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import type { Toolset } from "../../../core/contract/toolset.ts";
import { viewOf } from "../../../core/policies/toolset-view.ts";
import { redefine } from "../../../core/protocol/redefine.ts";
import { toolsetOf } from "../../leases/toolsets.ts";
import { placeOf, rowText, writtenPage } from "../listing/page.ts";
import { keptPage, perPage, toolPage, type ToolPage } from "../listing/tool-page.ts";
import { toolsFor } from "../listing/toolset-items.ts";
import type { Method, RpcCall, RpcOutcome } from "../rpc-call.ts";

export const listTools: Method = async (call) => {
  const after = await placeOf(call, z.string());
  if (!after.ok) return after;
  const { offering } = call;
  return offering.is === "toolset" ? toolsetPage(call, offering.toolset, after.value) : catalogPage(call, after.value);
};

async function catalogPage(call: RpcCall, after: string | undefined): Promise<RpcOutcome> {
  const { house, offering, caller } = call;
  const { tools: allow } = caller.principal;
  const page = await toolPage(house, {
    ...(offering.is === "server" ? { server: offering.server } : {}),
    ...(allow === undefined ? {} : { allow }),
    ...(after === undefined ? {} : { after }),
  });
  return page.ok ? writtenPage(call, "tools", page.value) : page;
}

async function toolsetPage(call: RpcCall, id: string, after: string | undefined): Promise<RpcOutcome> {
  const { house, caller } = call;
  const toolset = await toolsetOf(house, id);
  if (!toolset.ok) return toolset;
  const name = JSON.stringify(["toolset", id, toolset.value.updatedAt, caller.principal.tools, after]);
  const page = await keptPage(house, name, undefined, () => readToolset(call, toolset.value, after));
  return page.ok ? writtenPage(call, "tools", page.value) : page;
}

async function readToolset(call: RpcCall, toolset: Toolset, after: string | undefined): Promise<Outcome<ToolPage>> {
  const read = await toolsFor(call, toolset);
  if (!read.ok) return read;
  const { offered } = viewOf(toolset, read.value.items);
  const rest = offered.filter(({ name }) => after === undefined || name > after);
  const page = rest.slice(0, perPage);
  const last = page.at(-1);
  return success({
    rowsText: page
      .map(({ item, shown }) => rowText({ definition: redefine(item.definition, shown), stale: item.stale }))
      .join(","),
    ...(last && rest.length > perPage ? { next: last.name } : {}),
    isStale: page.some(({ item }) => item.stale),
    silent: read.value.silent,
  });
}
