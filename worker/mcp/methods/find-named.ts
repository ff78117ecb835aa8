/** From a name that an endpoint offers to the server behind it and the server's own name: tools, and prompts. */
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";
import type { ArgumentChanges, Toolset } from "../../../core/contract/toolset.ts";
import { looksShortened, qualify, splitName } from "../../../core/policies/names.ts";
import { lookupFor, resolve, type Lookup } from "../../../core/policies/toolset-resolve.ts";
import type { NamedList, Origin } from "../../../core/policies/toolset.ts";
import { toolsetOf } from "../../leases/toolsets.ts";
import { resolveBareName } from "../../relay/resolve.ts";
import { gather, type Gathered } from "../listing/gather.ts";
import { promptsFor, toolsFor } from "../listing/toolset-items.ts";
import { mayUse } from "../offering.ts";
import type { RpcCall } from "../rpc-call.ts";

/** `tool` is the prompt's name, where a prompt is meant. */
export interface Found extends Origin {
  /** A toolset's. */
  readonly changes?: ArgumentChanges;
}

export async function findNamed(call: RpcCall, list: NamedList, name: string): Promise<Outcome<Found>> {
  const { offering, house, caller } = call;
  if (offering.is === "server") return success({ server: offering.server, tool: name });
  if (offering.is === "toolset") return inToolset(call, offering.toolset, list, name);
  const parts = splitName(name);
  if (list === "tools") return parts ? success(parts) : resolveBareName(house, name, caller.principal);
  return parts && !looksShortened(name) ? success(parts) : promptNamed(call, name);
}

async function inToolset(call: RpcCall, id: string, list: NamedList, name: string): Promise<Outcome<Found>> {
  const toolset = await toolsetOf(call.house, id);
  if (!toolset.ok) return toolset;
  const candidates = await candidatesFor(call, toolset.value, list, lookupFor(toolset.value, name, list));
  if (!candidates.ok) return candidates;
  const usable = candidates.value.filter(({ server, tool }) => mayUse(call.caller.principal, server, tool));
  const found = resolve(toolset.value, name, usable, list);
  if (!found.ok) return found;
  const { server, tool, fixedArguments, hiddenArguments } = found.value;
  return success({ server, tool, changes: { fixedArguments, hiddenArguments } });
}

async function candidatesFor(
  call: RpcCall,
  toolset: Toolset,
  list: NamedList,
  lookup: Lookup,
): Promise<Outcome<readonly Origin[]>> {
  if ("only" in lookup) return success([lookup.only]);
  if ("bare" in lookup) return complete(await withBareName(call, list, lookup.bare));
  return complete(await (list === "tools" ? toolsFor(call, toolset) : promptsFor(call, toolset)));
}

function withBareName({ house }: RpcCall, list: NamedList, name: string): Promise<Outcome<Gathered<Origin>>> {
  return gather(house, undefined, async (shard) => {
    const servers = await (list === "tools" ? shard.serversWithTool(name) : shard.serversWithPrompt(name));
    return success(servers.map((server) => ({ server, tool: name })));
  });
}

/** With a shard silent, a name that two servers share would lead to the wrong one. */
function complete<T>(gathered: Outcome<Gathered<T>>): Outcome<readonly T[]> {
  if (!gathered.ok) return gathered;
  const [silent] = gathered.value.silent;
  if (silent === undefined) return success(gathered.value.items);
  return failure({ code: "shard_unavailable", shard: Number(silent.replace(/\D+/, "")) });
}

/** A bare name, accepted when one server has it; or a shortened one, which only the list can tell. */
async function promptNamed(call: RpcCall, name: string): Promise<Outcome<Found>> {
  const everything: Pick<Toolset, "overrides" | "naming"> = { overrides: {}, naming: "always" };
  const toolset: Toolset = { ...everything, id: "", createdAt: 0, updatedAt: 0 };
  const gathered = await (looksShortened(name) ? promptsFor(call, toolset) : withBareName(call, "prompts", name));
  const candidates = complete<Origin>(gathered);
  if (!candidates.ok) return candidates;
  const usable = candidates.value.filter(({ server, tool }) => mayUse(call.caller.principal, server, tool));
  const named = usable.filter(({ server, tool }) => tool === name || qualify(server, tool) === name);
  const [found, second] = named;
  if (!found) return failure({ code: "unknown_tool", tool: name, nearest: [] });
  if (!second) return success(found);
  const names = named.map(({ server, tool }) => qualify(server, tool)).sort();
  return failure({ code: "ambiguous_tool", tool: name, candidates: names });
}
