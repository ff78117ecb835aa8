import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Toolset } from "../../../core/contract/toolset.ts";
import { bareName, qualify } from "../../../core/policies/names.ts";
import { lookupFor, resolve } from "../../../core/policies/toolset-resolve.ts";
import { viewOf } from "../../../core/policies/toolset-view.ts";
import { anyTools, anyToolset, lookUp, toolset, tools } from "./toolset-kit.ts";

const all = tools("files__read", "files__write", "memory__read", "memory__forget");

/** `server__tool`, or the code of the refusal; asks for what it needs and no more. */
function behind(said: Partial<Toolset>, name: string, items = all): string {
  const set = toolset(said);
  const answer = resolve(set, name, lookUp(lookupFor(set, name), items));
  return answer.ok ? `${answer.value.server}__${answer.value.tool}` : answer.failure.code;
}

describe("a name", () => {
  it("leads to the tool that is offered under it", () => {
    expect(behind({}, "memory__read")).toBe("memory__read");
    expect(behind({ naming: "conflict" }, "write")).toBe("files__write");
    expect(behind({ naming: "conflict" }, "memory__read")).toBe("memory__read");
    expect(behind({ naming: "never" }, "read")).toBe("files__read");
    expect(behind({ overrides: { memory__read: { name: "recall" } } }, "recall")).toBe("memory__read");
  });

  it("that nothing is offered under is unknown, also when the toolset only leaves it out", () => {
    expect(behind({}, "memory__remember")).toBe("unknown_tool");
    expect(behind({}, "nothing")).toBe("unknown_tool");
    expect(behind({ servers: ["files"] }, "memory__read")).toBe("unknown_tool");
    expect(behind({ tools: { deny: ["memory__read"] } }, "memory__read")).toBe("unknown_tool");
    expect(behind({ naming: "never", tools: { deny: ["*__write"] } }, "write")).toBe("unknown_tool");
  });

  it("without its server is taken when one server has it, else refused with those that do", () => {
    expect(behind({}, "forget")).toBe("memory__forget");
    expect(behind({ naming: "conflict", servers: ["memory"] }, "read")).toBe("memory__read");
    const answer = resolve(toolset({ naming: "conflict" }), "read", all);
    expect(answer).toEqual({
      ok: false,
      failure: { code: "ambiguous_tool", tool: "read", candidates: ["files__read", "memory__read"] },
    });
  });

  it("that was changed leads nowhere any more", () => {
    const overrides = { memory__read: { name: "recall" } };
    for (const naming of ["always", "conflict", "never"] as const) {
      expect(behind({ naming, overrides }, "memory__read")).toBe("unknown_tool");
    }
    expect(behind({ naming: "conflict", overrides }, "read")).toBe("files__read");
  });

  it("that was given to a tool never leads to another one, also while that tool is away", () => {
    const overrides = { memory__forget: { name: "write" } };
    for (const naming of ["always", "conflict", "never"] as const) {
      expect(behind({ naming, overrides }, "write")).toBe("memory__forget");
      expect(behind({ naming, overrides }, "write", tools("files__write"))).toBe("unknown_tool");
    }
  });

  it("lost to another server's tool is not a way around, when naming says `never`", () => {
    expect(behind({ naming: "never" }, "memory__read")).toBe("unknown_tool");
  });

  it("with `__` in it is a bare one when naming says `never`", () => {
    const items = [...tools("memory__read"), { server: "z", tool: "memory__read" }];
    expect(resolve(toolset({ naming: "never" }), "memory__read", items)).toMatchObject({ value: { server: "z" } });
  });

  it("does not get past a pattern in its shortened form", () => {
    const dotted = [{ server: "files", tool: "rm.all" }];
    const name = qualify("files", "rm.all");
    expect(behind({}, name, dotted)).toBe("files__rm.all");
    expect(behind({ tools: { deny: [name] } }, name, dotted)).toBe("unknown_tool");
    expect(behind({ naming: "never" }, bareName("rm.all"), dotted)).toBe("files__rm.all");
  });

  it("brings the arguments that are fixed and hidden", () => {
    const overrides = { files__read: { fixedArguments: { root: `"/srv"` }, hiddenArguments: ["debug"] } };
    expect(resolve(toolset({ overrides }), "files__read", all)).toEqual({
      ok: true,
      value: { server: "files", tool: "read", fixedArguments: { root: `"/srv"` }, hiddenArguments: ["debug"] },
    });
    expect(resolve(toolset({ overrides }), "files__read", all, "prompts")).toMatchObject({
      value: { fixedArguments: {}, hiddenArguments: [] },
    });
  });

  it("of a tool with nothing odd about it needs no look at any list", () => {
    const overrides = { memory__read: { name: "recall" } };
    expect(lookupFor(toolset({ overrides }), "files__read")).toEqual({ only: { server: "files", tool: "read" } });
    expect(lookupFor(toolset({ overrides }), "recall")).toEqual({ only: { server: "memory", tool: "read" } });
    expect(lookupFor(toolset({ naming: "never" }), "read")).toEqual({ bare: "read" });
  });
});

describe("the way there and the way back", () => {
  it("agree, for every toolset and whatever the servers have", () => {
    fc.assert(
      fc.property(anyToolset, anyTools, (set, items) => {
        for (const { name, item } of viewOf(set, items).offered) {
          const candidates = lookUp(lookupFor(set, name), items);
          expect(resolve(set, name, candidates)).toMatchObject({ ok: true, value: item });
          expect(resolve(set, name, items)).toEqual(resolve(set, name, candidates));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("agree on what is not there: no name at all leads to what is not offered", () => {
    fc.assert(
      fc.property(anyToolset, anyTools, (set, items) => {
        const { offered, conflicts } = viewOf(set, items);
        const open = offered.map(({ item }) => qualify(item.server, item.tool));
        const names = items.flatMap(({ server, tool }) => [tool, bareName(tool), qualify(server, tool)]);
        const tried = [...names, ...offered.map(({ name }) => name), ...conflicts.map(({ name }) => name)];
        const reached = tried.flatMap((name) => {
          const answer = resolve(set, name, items);
          return answer.ok ? [qualify(answer.value.server, answer.value.tool)] : [];
        });
        expect(reached.filter((one) => !open.includes(one))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
