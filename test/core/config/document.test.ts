import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { fitId } from "../../../core/config/fit-id.ts";
import { serverIdSchema } from "../../../core/contract/server.ts";
import { read } from "./read.ts";

const url = "https://x.example/mcp";

it.each([
  ["", "malformed_json", "", "empty"],
  ["  // nothing\n", "malformed_json", "", "value expected"],
  [`{"mcpServers":\n  {"a" {}}}`, "malformed_json", "", "line 2, column 8: colon expected"],
  [`{"mcpServers":{}`, "malformed_json", "", "close brace expected"],
  [`{"mcpServers":{}} {}`, "malformed_json", "", "end of file expected"],
  ["[".repeat(100_000), "nested_too_deep", "", "64"],
  ["[]", "invalid_fields", "", ""],
  ["{}", "invalid_fields", "", "holds no servers"],
  [`{"mcpServers":[]}`, "invalid_fields", "/mcpServers", ""],
  [`{"mcp":{"servers":4}}`, "invalid_fields", "/mcp/servers", ""],
  [`{"servers":{},"inputs":{}}`, "invalid_fields", "/inputs", ""],
  [`{"mcpServers":{"__proto__":{"url":"${url}"}}}`, "invalid_fields", "/mcpServers/__proto__", "not allowed"],
  [`{"mcpServers":{},"mcpServers":{"a":{}}}`, "duplicate_key", "/mcpServers", "stands twice"],
  [`{"name":"a/b","remotes":[],"remotes":[]}`, "duplicate_key", "/remotes", "stands twice"],
  [
    JSON.stringify({ mcpServers: Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [i, {}])) }),
    "invalid_fields",
    "/mcpServers",
    "1000",
  ],
  [`{"mcpServers":{${`"a":{},`.repeat(1_002)}}}`, "duplicate_key", "/mcpServers/a", "more than 1000 others"],
])("says what is wrong with a file (%#)", (text, code, path, message) => {
  const { entries, problems } = read(text);
  expect(entries).toEqual([]);
  expect(problems).toMatchObject([{ code, path }]);
  expect(problems[0]?.line).toMatch(/^mcp\.json(, [/\w]+)?: /);
  expect(problems[0]?.message).toContain(message);
});

it("keeps the first of two servers of one name, and tells of the second", () => {
  const { entries } = read(`{"mcpServers":{"a":{"url":"${url}"},"b":{"url":"${url}"},"a":{"command":"npx"}}}`);
  expect(entries).toMatchObject([
    { id: "a", is: "http" },
    { id: "b", is: "http" },
    { id: "a", is: "refused", reason: expect.stringContaining("two servers of this name") },
  ]);
});

it("refuses an entry in which a member stands twice, and no other", () => {
  const { entries } = read(`{"mcpServers":{"a":{"url":"${url}","url":"https://y.example"},"b":{"url":"${url}"}}}`);
  expect(entries).toMatchObject([
    { id: "a", is: "refused", reason: "url stands twice." },
    { id: "b", is: "http" },
  ]);
});

it("makes names fit, and tells of every change", () => {
  const names = [
    "My Files (new)",
    "my files: new",
    "_x__y_",
    "Ünïcode",
    "漢字",
    "",
    "long".repeat(20),
    "a/b/c",
    "fine-1",
  ];
  const { entries } = read({ mcpServers: Object.fromEntries(names.map((name) => [name, { url }])) });
  expect(entries.map(({ id, is }) => [id, is])).toEqual([
    ["My-Files-new", "http"],
    ["my-files-new", "refused"],
    ["x_y", "http"],
    ["Unicode", "http"],
    ["server-6f22-5b57", "http"],
    ["server", "http"],
    ["long".repeat(10), "http"],
    ["c", "http"],
    ["fine-1", "http"],
  ]);
  expect(entries.filter(({ id, name, notes }) => id !== name && !notes[0]?.includes("cannot be an id"))).toEqual([]);
  expect(entries.at(-1)?.notes).toEqual([]);
});

it("makes an id that fits of any name, and leaves a fitting one as it is", () => {
  const fits = (id: string): boolean => serverIdSchema.safeParse(id).success;
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[A-Za-z0-9_-]{1,45}$/)), (name) => {
      const id = fitId(name);
      expect(fits(id)).toBe(true);
      expect(id === name).toBe(fits(name));
    }),
  );
});

it("reads anything at all without a throw, and accounts for every entry", () => {
  fc.assert(fc.property(fc.string(), (text) => read(text).problems.length > 0));
  const entry = fc.oneof(
    fc.json().map((text): unknown => JSON.parse(text)),
    fc.record({ url: fc.anything(), command: fc.anything(), args: fc.anything(), headers: fc.anything() }),
  );
  const name = fc.string().filter((one) => one !== "__proto__");
  fc.assert(
    fc.property(fc.dictionary(name, entry, { noNullPrototype: true }), (mcpServers) => {
      const text = JSON.stringify({ mcpServers });
      fc.pre(!text.includes("__proto__"));
      const { entries } = read(text);
      expect(entries.map((one) => one.name)).toEqual(Object.keys(JSON.parse(text).mcpServers as object));
    }),
  );
});

it("reads what is left of a file with a stroke of the pen too many", () => {
  const folder = join(import.meta.dirname, "files");
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const stroke = fc.constantFrom(
    "",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "${",
    "\\",
    "//",
    "/*",
    "null",
    "-1e999",
    "\u0000",
  );
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.nat(), fc.nat({ max: 3 }), stroke, (text, place, gone, put) => {
      const at = place % text.length;
      const { entries, problems } = read(text.slice(0, at) + put + text.slice(at + gone));
      expect(entries.length > 0).toBe(problems.length === 0);
      for (const { id } of entries) expect(serverIdSchema.safeParse(id).success).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

it("takes a byte order mark for what it is", () => {
  expect(read(`\ufeff{"mcpServers":{"a":{"url":"${url}"}}}`).entries).toHaveLength(1);
});
