import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Toolset } from "../../../core/contract/toolset.ts";
import { viewOf } from "../../../core/policies/toolset-view.ts";
import { takesResource, type NamedList } from "../../../core/policies/toolset.ts";
import { anyTools, anyToolset, toolset, tools } from "./toolset-kit.ts";

const all = tools("files__read", "files__write", "memory__read", "memory__forget");

function namesIn(said: Partial<Toolset>, items = all, list: NamedList = "tools"): string[] {
  return viewOf(toolset(said), items, list).offered.map(({ name }) => name);
}

describe("what a toolset offers", () => {
  it("is everything, when nothing is said, in the order of names", () => {
    expect(namesIn({}, all.toReversed())).toEqual(["files__read", "files__write", "memory__forget", "memory__read"]);
  });

  it("is taken from its servers, and from none when it names none", () => {
    expect(namesIn({ servers: ["memory"] })).toEqual(["memory__forget", "memory__read"]);
    expect(namesIn({ servers: [] })).toEqual([]);
  });

  it("is what its patterns allow, and deny wins over allow", () => {
    expect(namesIn({ tools: { allow: ["*__read", "files__*"] } })).toEqual([
      "files__read",
      "files__write",
      "memory__read",
    ]);
    expect(namesIn({ tools: { deny: ["*__read"] } })).toEqual(["files__write", "memory__forget"]);
    expect(namesIn({ tools: { allow: ["files__*"], deny: ["files__write"] } })).toEqual(["files__read"]);
    expect(namesIn({ tools: { allow: [] } })).toEqual([]);
    expect(namesIn({ tools: { deny: [] } })).toHaveLength(4);
  });

  it("goes by each list's own patterns, and changes to tools are none to prompts", () => {
    const said = { prompts: { deny: ["files__*"] }, overrides: { memory__read: { name: "recall" } } };
    expect(namesIn(said, all, "prompts")).toEqual(["memory__forget", "memory__read"]);
    expect(namesIn(said)).toContain("recall");
    const renamed = toolset({ naming: "never", overrides: { memory__forget: { name: "read" } } });
    expect(viewOf(renamed, tools("files__read"), "prompts")).toMatchObject({ offered: [{ name: "read" }], unused: [] });
  });

  it("lists a tool once, though two shards tell of it", () => {
    for (const naming of ["always", "conflict", "never"] as const) {
      const view = viewOf(toolset({ naming }), tools("a__x", "a__x"));
      expect([view.offered.length, view.conflicts]).toEqual([1, []]);
    }
    expect(namesIn({ naming: "conflict" }, tools("a__x", "a__x"))).toEqual(["x"]);
  });

  it("has resources by URI", () => {
    const some = toolset({ servers: ["files"], resources: { allow: ["file:///docs/*"], deny: ["*secret*"] } });
    expect(takesResource(some, "files", "file:///docs/a")).toBe(true);
    expect(takesResource(some, "files", "file:///docs/secret")).toBe(false);
    expect(takesResource(some, "files", "file:///etc/passwd")).toBe(false);
    expect(takesResource(some, "memory", "file:///docs/a")).toBe(false);
    expect(takesResource(toolset(), "memory", "any:thing")).toBe(true);
  });
});

describe("names", () => {
  it("are bare unless two servers share one, when naming says `conflict`", () => {
    expect(namesIn({ naming: "conflict" })).toEqual(["files__read", "forget", "memory__read", "write"]);
    expect(namesIn({ naming: "conflict", servers: ["memory"] })).toEqual(["forget", "read"]);
    const overrides = { memory__read: { name: "recall" } };
    expect(namesIn({ naming: "conflict", overrides })).toEqual(["forget", "read", "recall", "write"]);
  });

  it("are bare always, when naming says `never`, and the first server by id keeps a shared one", () => {
    const view = viewOf(toolset({ naming: "never" }), all.toReversed());
    expect(view.offered.map(({ name, item }) => [name, item.server])).toEqual([
      ["forget", "memory"],
      ["read", "files"],
      ["write", "files"],
    ]);
    expect(view.conflicts).toEqual([{ name: "read", server: "memory", tool: "read", takenBy: "files__read" }]);
  });

  it("are shortened where clients would not take them", () => {
    const odd = [
      { server: "a", tool: "repo.list" },
      { server: "a", tool: "l".repeat(100) },
    ];
    for (const naming of ["always", "conflict", "never"] as const) {
      for (const name of namesIn({ naming }, odd)) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    }
    expect(namesIn({ naming: "never" }, odd)[1]).toMatch(/^repo_list_/);
  });

  it("are qualified where a bare one could be another tool's qualified one", () => {
    const items = [
      { server: "z", tool: "a__x" },
      { server: "a", tool: "x" },
      { server: "b", tool: "x" },
    ];
    expect(namesIn({ naming: "conflict" }, items)).toEqual(["a__x", "b__x", "z__a__x"]);
  });

  it("are taken as given, and a name that was given away is nobody else's", () => {
    const overrides = { memory__forget: { name: "read" } };
    expect(namesIn({ overrides })).toEqual(["files__read", "files__write", "memory__read", "read"]);
    expect(namesIn({ overrides, naming: "conflict" })).toEqual(["files__read", "memory__read", "read", "write"]);
    const never = viewOf(toolset({ overrides, naming: "never" }), all);
    expect(never.offered.map(({ name }) => name)).toEqual(["read", "write"]);
    expect(never.conflicts).toEqual([
      { name: "read", server: "files", tool: "read", takenBy: "memory__forget" },
      { name: "read", server: "memory", tool: "read", takenBy: "memory__forget" },
    ]);
  });

  it("stay free for the tool they were given to while its server is away, unless the toolset does not take it", () => {
    const overrides = { memory__forget: { name: "write" } };
    const files = tools("files__write");
    expect(namesIn({ overrides, naming: "conflict" }, files)).toEqual(["files__write"]);
    expect(namesIn({ overrides, naming: "never" }, files)).toEqual([]);
    expect(namesIn({ overrides, naming: "never", servers: ["files"] }, files)).toEqual(["write"]);
    expect(namesIn({ overrides, naming: "never", tools: { deny: ["memory__*"] } }, files)).toEqual(["write"]);
  });

  it("may be given over another's qualified name, which is then left out", () => {
    const view = viewOf(toolset({ overrides: { memory__forget: { name: "files__read" } } }), all);
    expect(view.offered.map(({ name, item }) => [name, item.tool])).toContainEqual(["files__read", "forget"]);
    expect(view.conflicts).toEqual([{ name: "files__read", server: "files", tool: "read", takenBy: "memory__forget" }]);
  });

  it("each lead to one tool, fit, stand in order, and are the same however the tools were listed", () => {
    fc.assert(
      fc.property(anyToolset, anyTools, (set, items) => {
        const { offered, conflicts } = viewOf(set, items);
        const names = offered.map(({ name }) => name);
        for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        expect(names).toEqual([...new Set(names)].toSorted());
        expect(viewOf(set, items.toReversed())).toEqual({ ...viewOf(set, items), offered, conflicts });
        for (const { item, name, shown } of offered) {
          expect(items).toContain(item);
          expect(shown.name).toBe(name);
        }
        if (set.naming === "conflict") return;
        for (const { name } of conflicts) expect([...names, ...givenIn(set)]).toContain(name);
      }),
      { numRuns: 500 },
    );
  });
});

function givenIn(set: Toolset): string[] {
  return Object.values(set.overrides).flatMap(({ name }) => name ?? []);
}

describe("words and arguments", () => {
  it("are those of the override, and what is fixed or hidden is not shown", () => {
    const overrides = {
      files__read: {
        title: "Read a file",
        description: "Reads one.",
        fixedArguments: { root: `"/srv"` },
        hiddenArguments: ["debug"],
      },
    };
    const [read, write] = viewOf(toolset({ overrides }), all).offered;
    expect(read?.shown).toEqual({
      name: "files__read",
      title: "Read a file",
      description: "Reads one.",
      without: ["root", "debug"],
    });
    expect(write?.shown).toEqual({ name: "files__write", without: [] });
  });
});

describe("what fits nothing", () => {
  it("is pointed out", () => {
    const said = {
      servers: ["files", "memroy"],
      overrides: { files__read: {}, files__raed: {}, memory__read: { name: "x" } },
    };
    expect(viewOf(toolset(said), all).unused).toEqual([
      "/servers/1",
      "/overrides/files__raed",
      "/overrides/memory__read",
    ]);
  });
});
