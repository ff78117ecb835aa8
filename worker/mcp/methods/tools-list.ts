/** `tools/list`, from the catalogs: no server is asked, so none can delay or fail it. */
import { z } from "zod";
import { viewOf } from "../../../core/policies/toolset-view.ts";
import { redefine } from "../../../core/protocol/redefine.ts";
import { toolsetOf } from "../../leases/toolsets.ts";
import { pageText, placeOf, writtenPage } from "../listing/page.ts";
import { toolPage } from "../listing/tool-page.ts";
import { toolsFor } from "../listing/toolset-items.ts";
import type { Method, RpcCall, RpcOutcome } from "../rpc-call.ts";

const perPage = 1_000;

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
