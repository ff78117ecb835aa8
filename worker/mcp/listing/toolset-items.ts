/** All that a toolset may choose from, of one list: names depend on all of it, so all of it is read for every page. */
import type { ListedTool } from "../../../core/contract/catalog.ts";
import type { ListedEntry } from "../../../core/contract/conversation.ts";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import type { Toolset } from "../../../core/contract/toolset.ts";
import { takesFrom, type Origin } from "../../../core/policies/toolset.ts";
import { definedName } from "../../../core/protocol/redefine.ts";
import type { Shard } from "../../objects.ts";
import { mayUse } from "../offering.ts";
import type { RpcCall } from "../rpc-call.ts";
import { gather, type Gathered } from "./gather.ts";
import type { Row } from "./page.ts";

const perAsk = 1_000;
const mostPerShard = 10_000;

export type Item = Origin & Row;

export async function toolsFor(call: RpcCall, toolset: Toolset): Promise<Outcome<Gathered<Item>>> {
  // What of the patterns the shard can apply already need not travel.
  const allow = call.caller.principal.tools ?? toolset.tools?.allow ?? toolset.servers?.map((id) => `${id}__*`);
  const gathered = await gather(call.house, undefined, (shard) => everyTool(shard, allow));
  if (!gathered.ok) return gathered;
  const { items, silent } = gathered.value;
  const named = items.map(({ server, definition, stale }) => ({
    server,
    tool: definedName(definition),
    definition,
    stale,
  }));
  return success({ items: named, silent });
}

export async function promptsFor(call: RpcCall, toolset: Toolset): Promise<Outcome<Gathered<Item>>> {
  const gathered = await gather(call.house, undefined, (shard) => everyPrompt(shard));
  if (!gathered.ok) return gathered;
  const { items, silent } = gathered.value;
  const usable = items.filter(
    ({ server, name }) => takesFrom(toolset, server) && mayUse(call.caller.principal, server, name),
  );
  return success({
    items: usable.map(({ server, name, definition, stale }) => ({ server, tool: name, definition, stale })),
    silent,
  });
}

async function everyTool(shard: Shard, allow: readonly string[] | undefined): Promise<Outcome<readonly ListedTool[]>> {
  const tools: ListedTool[] = [];
  while (tools.length < mostPerShard) {
    const last = tools.at(-1);
    const page = await shard.tools({
      ...(allow === undefined ? {} : { allow }),
      ...(last === undefined ? {} : { after: { rank: last.rank, name: last.name } }),
      limit: perAsk,
    });
    if (!page.ok) return page;
    tools.push(...page.value);
    if (page.value.length < perAsk) break;
  }
  return success(tools);
}

async function everyPrompt(shard: Shard): Promise<Outcome<readonly ListedEntry[]>> {
  const prompts: ListedEntry[] = [];
  while (prompts.length < mostPerShard) {
    const last = prompts.at(-1);
    const page = await shard.listed({
      what: "prompts",
      ...(last === undefined ? {} : { after: { name: last.name, server: last.server } }),
      limit: perAsk,
    });
    prompts.push(...page);
    if (page.length < perAsk) break;
  }
  return success(prompts);
}
