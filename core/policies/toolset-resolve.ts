/** From a name that a toolset offers back to the tool behind it. The way there and the way back agree: see the tests. */
import { failure, success, type Outcome } from "../contract/outcome.ts";
import type { ArgumentChanges, Toolset } from "../contract/toolset.ts";
import { bareName, looksShortened, qualify, splitName } from "./names.ts";
import { givenNames, takesNamed, type NamedList, type Origin } from "./toolset.ts";
import { overrideOf } from "./toolset-view.ts";

export interface Resolved extends Origin, ArgumentChanges {}

/** Which tools a name may stand for, and so what must be asked before it can be resolved. */
export type Lookup =
  /** This one and no other; whether it is there shows when it is called. */
  | { readonly only: Origin }
  /** All that this server has: the name was shortened. */
  | { readonly toolsOf: string }
  /** Those of this bare name, of every server that the toolset takes from. */
  | { readonly bare: string }
  /** All of them: a bare name that was shortened. */
  | { readonly every: true };

export function lookupFor(toolset: Toolset, offeredName: string, list: NamedList = "tools"): Lookup {
  const given = givenNames(toolset, list).get(offeredName);
  const parts = given === undefined && toolset.naming === "never" ? undefined : splitName(given ?? offeredName);
  if (parts) {
    const isWhole = qualify(parts.server, parts.tool) === (given ?? offeredName);
    return isWhole ? { only: parts } : { toolsOf: parts.server };
  }
  return looksShortened(offeredName) ? { every: true } : { bare: offeredName };
}

/**
 * `candidates`: what `lookupFor` asks for, out of what the caller may use. They must be complete: with one shard's
 * missing, a name that two servers share would lead to the wrong one. A tool that was given a name goes by that alone.
 */
export function resolve(
  toolset: Toolset,
  offeredName: string,
  candidates: readonly Origin[],
  list: NamedList = "tools",
): Outcome<Resolved> {
  const given = givenNames(toolset, list);
  const named = new Map<string, Origin>();
  for (const { server, tool } of candidates) {
    if (takesNamed(toolset, list, { server, tool })) named.set(qualify(server, tool), { server, tool });
  }
  const meant = given.get(offeredName);
  if (meant !== undefined) return found(toolset, list, offeredName, meant, named.get(meant));
  const unnamed = [...named].filter(([qualified]) => isFree(toolset, list, given, qualified));
  const exact = toolset.naming === "never" ? undefined : unnamed.find(([qualified]) => qualified === offeredName);
  const alike = exact ? [exact] : unnamed.filter(([, { tool }]) => bareName(tool) === offeredName).sort(byServer);
  const [first, second] = alike;
  if (second && toolset.naming !== "never") {
    return failure({ code: "ambiguous_tool", tool: offeredName, candidates: alike.map(([qualified]) => qualified) });
  }
  return found(toolset, list, offeredName, first?.[0] ?? "", first?.[1]);
}

/** Neither renamed nor robbed of the only name that it would have. */
function isFree(toolset: Toolset, list: NamedList, given: ReadonlyMap<string, string>, qualified: string): boolean {
  if (overrideOf(toolset, list, qualified)?.name !== undefined) return false;
  return toolset.naming !== "always" || !given.has(qualified);
}

function found(
  toolset: Toolset,
  list: NamedList,
  offeredName: string,
  qualified: string,
  origin: Origin | undefined,
): Outcome<Resolved> {
  if (!origin) return failure({ code: "unknown_tool", tool: offeredName, nearest: [] });
  const { fixedArguments = {}, hiddenArguments = [] } = overrideOf(toolset, list, qualified) ?? {};
  return success({ server: origin.server, tool: origin.tool, fixedArguments, hiddenArguments });
}

function byServer([, a]: readonly [string, Origin], [, b]: readonly [string, Origin]): number {
  return a.server < b.server ? -1 : 1;
}
