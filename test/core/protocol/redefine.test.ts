import { describe, expect, it } from "vitest";
import { applyFixed, definedName, redefine } from "../../../core/protocol/redefine.ts";

const shown = (more: object = {}) => ({ name: "new", without: [], ...more });
const schemaOf = (definition: string, without: string[]) =>
  JSON.parse(redefine(`{"name":"x","inputSchema":${definition}}`, shown({ without }))) as { inputSchema: unknown };

describe("a definition", () => {
  it("gets its name, title and description, and keeps the rest as it was written", () => {
    const text = `{ "name":"x","x-id":12345678901234567890,"description":"old \\u00e9", "inputSchema":{"b":1.0,"a":1} }`;
    const changed = redefine(text, shown({ title: `A "title"`, description: "é" }));
    expect(JSON.parse(changed)).toMatchObject({ name: "new", title: `A "title"`, description: "é" });
    expect(changed).toContain(`"x-id":12345678901234567890`);
    expect(changed).toContain(`"inputSchema":{"b":1.0,"a":1}`);
    expect(changed).not.toContain("old");
  });

  it("gets a name of its own only once, though the server wrote two", () => {
    const changed = redefine(`{"name":"a","n\\u0061me":"b"}`, shown());
    expect(JSON.parse(changed)).toEqual({ name: "new" });
    expect(changed).not.toMatch(/"a"|"b"/);
  });

  it("loses what is not to be shown, in its properties and among the required", () => {
    expect(
      schemaOf(`{"type":"object","properties":{"a":{"x":1.0},"b":{},"c":{}},"required":["a","c"]}`, ["c", "b"]),
    ).toEqual({
      name: "new",
      inputSchema: { type: "object", properties: { a: { x: 1 } }, required: ["a"] },
    });
    expect(schemaOf(`{"required":["\\u0061", 5, "b"],"properties":{"\\u0061":{},"a":{}}}`, ["a"]).inputSchema).toEqual({
      required: [5, "b"],
      properties: {},
    });
  });

  it("is left alone where a schema has another form", () => {
    for (const schema of [`true`, `{}`, `{"properties":5,"required":"a"}`, `{"properties":{"b":{}}}`]) {
      expect(schemaOf(schema, ["a"]).inputSchema).toEqual(JSON.parse(schema));
    }
    expect(redefine(`{"name":"x"}`, shown({ without: ["a"] }))).toBe(`{"name":"new"}`);
  });

  it("tells its own name", () => {
    expect(definedName(`{"title":"t","name":"re\\u0061d"}`)).toBe("read");
    expect(definedName(`{"name":5}`)).toBe("");
  });
});

describe("arguments", () => {
  const apply = (text: string, fixedArguments: Record<string, string>, hiddenArguments: string[] = []) =>
    applyFixed(text, { fixedArguments, hiddenArguments });

  it("get the fixed values, whatever the client sent, and keep the rest as it was written", () => {
    const sent = `{ "n":12345678901234567890,"root":"/etc", "s":"\\u00e9",\n"z":{"root":1.0} }`;
    const changed = apply(sent, { root: `"/srv"`, id: "12345678901234567891" });
    expect(JSON.parse(changed)).toMatchObject({ root: "/srv", z: { root: 1 }, s: "é" });
    for (const kept of [`"n":12345678901234567890`, `"s":"\\u00e9"`, `{"root":1.0}`, `"id":12345678901234567891`]) {
      expect(changed).toContain(kept);
    }
    expect(changed).not.toContain("/etc");
  });

  it("get them into an empty object, too", () => {
    expect(apply(" { } ", { a: "1", b: `[1.0]` })).toBe(`{"a":1,"b":[1.0]}`);
  });

  it("lose the hidden ones, however their names are written, and as often as they stand there", () => {
    expect(JSON.parse(apply(`{"debug":1,"a":2,"d\\u0065bug":3}`, {}, ["debug"]))).toEqual({ a: 2 });
    const twice = apply(`{"root":"/a","a":1,"root":"/b"}`, { root: `"/srv"` });
    expect(twice.match(/root/g)).toHaveLength(1);
  });

  it("stay as they are, to the byte, when there is nothing to do", () => {
    const sent = ` {"a" : 1 , "b":{ } } `;
    expect(apply(sent, {})).toBe(sent);
    expect(apply(sent, {}, ["c"])).toBe(sent);
  });
});
