import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allowed, nearest, qualify, splitName } from "../../../core/policies/names.ts";

const plain = /^[A-Za-z0-9_-]{1,64}$/;
const serverId = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9-]|_[A-Za-z0-9]){0,19}$/).filter((id) => id.length <= 40);
const toolName = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.stringMatching(/^[A-Za-z0-9_./-]{1,128}$/),
  // Alike for longer than a name may be.
  fc.string({ unit: fc.constantFrom("a", "_", "-"), minLength: 50, maxLength: 140 }),
);

describe("qualified names", () => {
  test("a plain tool keeps its name behind its server's", () => {
    expect(qualify("memory", "read_graph")).toBe("memory__read_graph");
    expect(qualify("a", "_private")).toBe("a___private");
  });

  test("64 characters are kept, 65 are shortened with a hash", () => {
    expect(qualify("s", "t".repeat(61))).toBe(`s__${"t".repeat(61)}`);
    expect(qualify("s", "t".repeat(62))).toBe(`s__${"t".repeat(52)}_8k4fzjq7`);
  });

  test("other characters are replaced, and the hash tells such names apart", () => {
    expect(qualify("files", "read.file")).toBe("files__read_file_0nlqdm7n");
    expect(qualify("files", "read/file")).toBe("files__read_file_ds8sd77z");
    expect(qualify("files", "çélà 🐙")).toBe("files____l_____8dd1q693");
    expect(qualify("files", "")).toBe("files___z4rvd6sm");
  });

  test("a tool that bears a shortened name does not pass for the tool it was made of", () => {
    const shortened = splitName(qualify("files", "read.file"))?.tool ?? "";
    expect(qualify("files", shortened)).not.toBe(qualify("files", "read.file"));
  });

  test("every name fits, and begins with its server", () => {
    fc.assert(
      fc.property(serverId, toolName, (server, tool) => {
        const name = qualify(server, tool);
        expect(name).toMatch(plain);
        expect(splitName(name)?.server).toBe(server);
      }),
    );
  });

  test("distinct tools never share a name", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(serverId, toolName), { maxLength: 60 }), (pairs) => {
        const tools = new Map<string, string>();
        for (const [server, tool] of pairs) {
          const name = qualify(server, tool);
          tools.set(`${server}\n${tool}`, name);
          // What it makes is a tool's name, too, and somebody may use it for another tool.
          const made = splitName(name)?.tool ?? "";
          tools.set(`${server}\n${made}`, qualify(server, made));
        }
        expect(new Set(tools.values()).size).toBe(tools.size);
      }),
      { numRuns: 300 },
    );
  });

  test("200,000 long names that end differently stay different", () => {
    const start = "x".repeat(64);
    expect(new Set(Array.from({ length: 200_000 }, (_, i) => qualify("s", `${start}${i}`))).size).toBe(200_000);
  });
});

describe("splitting", () => {
  test("at the first double underscore", () => {
    expect(splitName("memory__read__graph")).toEqual({ server: "memory", tool: "read__graph" });
    expect(splitName("a___b")).toEqual({ server: "a", tool: "_b" });
  });

  test("what has no server or no tool is no qualified name", () => {
    for (const name of ["", "read_graph", "__tool", "server__"]) expect(splitName(name)).toBeUndefined();
  });
});

describe("patterns", () => {
  test("no patterns allow everything, an empty list nothing", () => {
    expect(allowed(undefined, "memory__read_graph")).toBe(true);
    expect(allowed([], "memory__read_graph")).toBe(false);
  });

  test.each([
    ["memory__read_graph", "memory__read_graph", true],
    ["memory__read", "memory__read_graph", false],
    ["memory__*", "memory__read_graph", true],
    ["memory__*", "memory2__read_graph", false],
    ["*_graph", "memory__read_graph", true],
    ["*", "anything", true],
    ["**", "", true],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["*__read_*", "memory__read_graph", true],
    ["a*b*c", "abbc", true],
    ["a*b*c", "acb", false],
    ["*ab*ab*", "ab", false],
    ["a.c", "abc", false],
  ])("%s on %s: %s", (pattern, name, expected) => {
    expect(allowed([pattern], name)).toBe(expected);
  });

  test("agree with the obvious regular expression", () => {
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "_", "*"), maxLength: 10 });
    const name = fc.string({ unit: fc.constantFrom("a", "b", "_"), maxLength: 14 });
    fc.assert(
      fc.property(pattern, name, (glob, text) => {
        expect(allowed([glob], text)).toBe(new RegExp(`^${glob.replaceAll("*", ".*")}$`).test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("a pattern made to be slow is decided at once", () => {
    // A backtracking matcher would not finish these within the test's time limit.
    expect(allowed([`${"a*".repeat(5_000)}b`], "a".repeat(100_000))).toBe(false);
    expect(allowed([`*${"a".repeat(40_000)}b*`], "a".repeat(100_000))).toBe(false);
  });
});

describe("nearest", () => {
  const tools = ["memory__read_graph", "memory__open_nodes", "files__read_file", "files__write_file", "time__now"];

  test("finds a slip of the finger, in the whole name or in the tool's alone", () => {
    expect(nearest("memory__raed_graph", tools)).toEqual(["memory__read_graph"]);
    expect(nearest("read_fil", tools)).toEqual(["files__read_file"]);
    expect(nearest("WRITE_FILE", tools)[0]).toBe("files__write_file");
  });

  test("names the closest first, equals by name, and at most as many as asked", () => {
    expect(nearest("bat", ["cat", "rat", "bat2", "bats", "mat"])).toEqual(["bat2", "bats", "cat"]);
    expect(nearest("bat", ["rat", "cat", "mat"], 1)).toEqual(["cat"]);
  });

  test("offers nothing rather than anything", () => {
    expect(nearest("x", ["a", "b"])).toEqual([]);
    expect(nearest("", ["a"])).toEqual([]);
    expect(nearest("completely-different", tools)).toEqual([]);
  });
});
