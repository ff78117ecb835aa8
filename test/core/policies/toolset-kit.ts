/** Toolsets and tools for the tests, written and made up. */
import * as fc from "fast-check";
import type { Naming, Toolset, ToolOverride } from "../../../core/contract/toolset.ts";
import { qualify } from "../../../core/policies/names.ts";
import type { Lookup } from "../../../core/policies/toolset-resolve.ts";
import type { Origin } from "../../../core/policies/toolset.ts";

export function toolset(said: Partial<Toolset> = {}): Toolset {
  return { id: "t", overrides: {}, naming: "always", createdAt: 1, updatedAt: 1, ...said };
}

/** `memory__read` as the origin of a tool. */
export function tools(...names: readonly string[]): Origin[] {
  return names.map((name) => {
    const [server = "", ...rest] = name.split("__");
    return { server, tool: rest.join("__") };
  });
}

/** What the shards answer to a lookup. */
export function lookUp(lookup: Lookup, all: readonly Origin[]): readonly Origin[] {
  if ("every" in lookup) return all;
  if ("bare" in lookup) return all.filter(({ tool }) => tool === lookup.bare);
  if ("toolsOf" in lookup) return all.filter(({ server }) => server === lookup.toolsOf);
  const { only } = lookup;
  return all.filter(({ server, tool }) => server === only.server && tool === only.tool);
}

const server = fc.constantFrom("a", "b", "c", "c-d");
/** Few and alike, so that they meet: short and long, plain and odd, some that look like qualified or shortened names. */
const tool = fc.constantFrom(
  "x",
  "y",
  "_x",
  "x_",
  "a__x",
  "__x",
  "x__",
  "read.file",
  "read/file",
  "read_file_0nlqdm7n",
  "l".repeat(64),
  "l".repeat(65),
  "l".repeat(128),
  "œ",
);
export const anyTools = fc.array(fc.record({ server, tool }), { maxLength: 30 });

const pattern = fc.constantFrom("*", "a__*", "*__x", "*x*", "b__read_file_*", "c-d__x");
const patterns = fc.option(fc.array(pattern, { maxLength: 3 }), { nil: undefined });
const newName = fc.constantFrom("x", "y", "new", "a__x", "b__x", "read_file_0nlqdm7n");

function override(name: string | undefined): ToolOverride {
  return name === undefined ? { title: "Other" } : { name };
}

export const anyToolset = fc
  .record({
    naming: fc.constantFrom<Naming>("always", "conflict", "never"),
    servers: fc.option(fc.subarray(["a", "b", "c", "c-d"]), { nil: undefined }),
    allow: patterns,
    deny: patterns,
    overrides: fc.uniqueArray(fc.tuple(server, tool, fc.option(newName, { nil: undefined })), {
      maxLength: 6,
      selector: ([, , name]) => name ?? Symbol("none"),
    }),
  })
  .map(({ naming, servers, allow, deny, overrides }) =>
    toolset({
      naming,
      ...(servers ? { servers } : {}),
      tools: { ...(allow ? { allow } : {}), ...(deny ? { deny } : {}) },
      overrides: Object.fromEntries(overrides.map(([id, name, to]) => [qualify(id, name), override(to)])),
    }),
  );
