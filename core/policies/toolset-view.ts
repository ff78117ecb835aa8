/** What a toolset offers out of what there is: which, under which names, with which words. The same for the same input. */
import type { Redefinition, ToolOverride, Toolset } from "../contract/toolset.ts";
import { bareName, qualify } from "./names.ts";
import { givenNames, takesNamed, type NamedList, type Origin } from "./toolset.ts";

export interface Offered<T> {
  readonly name: string;
  readonly item: T;
  readonly shown: Redefinition;
}

/** Left out: its name belongs to another. */
export interface Conflict {
  readonly name: string;
  readonly server: string;
  readonly tool: string;
  /** Qualified name of the tool that has it. */
  readonly takenBy: string;
}

export interface View<T> {
  /** By offered name. */
  readonly offered: readonly Offered<T>[];
  readonly conflicts: readonly Conflict[];
  /** JSON pointers into the toolset: servers that offer nothing at all, and changes to what is not there. */
  readonly unused: readonly string[];
}

/** `items`: every tool (or prompt, `tool` being its name) that the caller may use, in any order. */
export function viewOf<T extends Origin>(toolset: Toolset, items: readonly T[], list: NamedList = "tools"): View<T> {
  const taken = takenItems(toolset, items, list);
  const given = givenNames(toolset, list);
  const nameOf = namer(toolset, taken, given, list);
  const holders = new Map(given);
  const offered: Offered<T>[] = [];
  const conflicts: Conflict[] = [];
  for (const [qualified, item] of taken) {
    const name = nameOf(qualified, item);
    const holder = holders.get(name) ?? qualified;
    if (holder === qualified) {
      holders.set(name, qualified);
      offered.push({ name, item, shown: redefinitionOf(name, overrideOf(toolset, list, qualified)) });
    } else {
      conflicts.push({ name, server: item.server, tool: item.tool, takenBy: holder });
    }
  }
  return {
    offered: offered.sort((a, b) => (a.name < b.name ? -1 : 1)),
    conflicts,
    unused: list === "tools" ? unusedParts(toolset, items, taken) : [],
  };
}

/** By server id, then by name; each once, though a server on the move is listed by two shards for a moment. */
function takenItems<T extends Origin>(toolset: Toolset, items: readonly T[], list: NamedList): Map<string, T> {
  const taken = items
    .filter((item) => takesNamed(toolset, list, item))
    .map((item) => [qualify(item.server, item.tool), item] as const)
    .sort(([left, a], [right, b]) => compare(a.server, b.server) || compare(left, right));
  return new Map(taken);
}

type Namer = (qualified: string, item: Origin) => string;

function namer(
  toolset: Toolset,
  taken: ReadonlyMap<string, Origin>,
  given: ReadonlyMap<string, string>,
  list: NamedList,
): Namer {
  const { naming } = toolset;
  const bearers = new Map<string, number>();
  for (const [qualified, { tool }] of taken) {
    if (overrideOf(toolset, list, qualified)?.name !== undefined) continue;
    const bare = bareName(tool);
    bearers.set(bare, (bearers.get(bare) ?? 0) + 1);
  }
  return (qualified, { tool }) => {
    const own = overrideOf(toolset, list, qualified)?.name;
    if (own !== undefined) return own;
    if (naming === "always") return qualified;
    const bare = bareName(tool);
    if (naming === "never") return bare;
    // With `__` in it, a bare name could be some other tool's qualified one.
    const isAlone = bearers.get(bare) === 1 && !given.has(bare) && !bare.includes("__");
    return isAlone ? bare : qualified;
  };
}

export function overrideOf(toolset: Toolset, list: NamedList, qualified: string): ToolOverride | undefined {
  return list === "tools" ? toolset.overrides[qualified] : undefined;
}

function redefinitionOf(name: string, override: ToolOverride = {}): Redefinition {
  const { title, description, fixedArguments = {}, hiddenArguments = [] } = override;
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    without: [...Object.keys(fixedArguments), ...hiddenArguments],
  };
}

function unusedParts(toolset: Toolset, items: readonly Origin[], taken: ReadonlyMap<string, Origin>): string[] {
  const servers = new Set(items.map(({ server }) => server));
  const idle = (toolset.servers ?? []).flatMap((id, index) => (servers.has(id) ? [] : [`/servers/${index}`]));
  const missed = Object.keys(toolset.overrides).filter((qualified) => !taken.has(qualified));
  return [...idle, ...missed.map((qualified) => `/overrides/${qualified}`)];
}

/** Code units, as everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
