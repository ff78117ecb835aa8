import fc from "fast-check";
import { expect, it } from "vitest";
import { matchesTemplate } from "../../../core/policies/uri-template.ts";

it.each([
  ["test://template/{id}/data", "test://template/123/data"],
  ["file:///{name}", "file:///a.txt"],
  ["db://{table}:{column}", "db://users:name"],
  ["x://{a}{b}", "x://ab"],
  ["x://{a}-{b}.md", "x://one-two-three.md"],
  ["x://{a}ab/c", "x://aabab/c"],
  ["note://{name}", "note://a%20b@c,d"],
  ["x://plain", "x://plain"],
])("%s makes %s", (template, uri) => {
  expect(matchesTemplate(template, uri)).toBe(true);
});

it.each([
  ["test://template/{id}/data", "test://template//data"],
  ["test://template/{id}/data", "test://template/1/2/data"],
  ["test://template/{id}/data", "test://template/123/data/more"],
  ["test://template/{id}/data", "test://template/123"],
  ["file:///{name}", "file:///a/b"],
  ["file:///{name}", "file:///"],
  ["x://{a}{b}", "x://a"],
  ["x://{a}-{b}.md", "x://one-two.txt"],
  ["x://{id}", "x://1?full=yes"],
  ["x://plain", "x://plain/"],
  ["x://{open", "x://{open"],
  ["", ""],
])("%s does not make %s", (template, uri) => {
  expect(matchesTemplate(template, uri)).toBe(false);
});

it.each([
  ["file:///{+path}", "file:///a/b/c"],
  ["file://{/path*}", "file:///a/b"],
  ["file:///{path*}", "file:///a/b"],
  ["users://{id}{?fields}", "users://5?fields=name"],
  ["users://{id}{?fields}", "users://5"],
  ["doc://{id}{#section}", "doc://5#one"],
])("%s, of a higher level, may make %s", (template, uri) => {
  expect(matchesTemplate(template, uri)).toBe(true);
});

it.each([
  ["users://{id}{?fields}", "users://5/posts"],
  ["users://{id}/{+path}", "users:///a"],
  ["{+uri}", "file:///a"],
  ["{scheme}://x", "file://x"],
])("%s does not claim %s", (template, uri) => {
  expect(matchesTemplate(template, uri)).toBe(false);
});

it("finds every URI that level 1 can make", () => {
  const value = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom("a", "b", "-", ".", "%41") });
  const literal = fc.string({ maxLength: 4, unit: fc.constantFrom("a", "b", "-", "/", "?") });
  fc.assert(
    fc.property(fc.array(fc.tuple(value, literal), { maxLength: 5 }), (parts) => {
      const template = `x:${parts.map(([, text]) => `{v}${text}`).join("")}`;
      const uri = `x:${parts.map(([made, text]) => made + text).join("")}`;
      expect(matchesTemplate(template, uri)).toBe(true);
    }),
  );
});

it("agrees with the expression that says the same", () => {
  const template = fc.array(fc.constantFrom("{v}", "a", "b", "/", "?"), { maxLength: 8 }).map((all) => all.join(""));
  const uri = fc.string({ maxLength: 8, unit: fc.constantFrom("a", "b", "/", "?") });
  fc.assert(
    fc.property(template, uri, (shape, text) => {
      const same = new RegExp(`^x:${shape.replaceAll("?", "\\?").replaceAll("{v}", "[^/?#]+")}$`);
      expect(matchesTemplate(`x:${shape}`, `x:${text}`)).toBe(same.test(`x:${text}`));
    }),
    { numRuns: 5_000 },
  );
});
