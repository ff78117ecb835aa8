import { describe, expect, it } from "vitest";
import { headerValue } from "../../../core/protocol/header-value.ts";
import { paramHeadersOf, readParamHeaders } from "../../../core/protocol/param-headers.ts";

function base64(text: string): string {
  return `=?base64?${Buffer.from(text, "utf8").toString("base64")}?=`;
}

describe("a mirrored value", () => {
  it("goes as it is when a header can carry it", () => {
    for (const value of ["us-west1", "a b", "a\tb", "~", "=?base64?", "?="]) expect(headerValue(value)).toBe(value);
  });

  it("is encoded when a header cannot, or when it looks encoded", () => {
    for (const value of [
      "",
      " a",
      "a ",
      "\ta",
      "tööl",
      "世",
      "a\r\nX-Evil: 1",
      "\u0000",
      "\u007f",
      "=?base64?YQ==?=",
    ]) {
      expect(headerValue(value)).toBe(base64(value));
    }
  });
});

describe("annotated tool parameters", () => {
  it("are found at any depth of plain properties", () => {
    const schema = {
      type: "object",
      properties: {
        region: { type: "string", "x-mcp-header": "Region" },
        plain: { type: "number" },
        deep: { type: "object", properties: { n: { type: "integer", "x-mcp-header": "N" } } },
        flag: { type: "boolean", "x-mcp-header": "Flag" },
      },
    };
    expect(readParamHeaders(schema)).toEqual({
      ok: true,
      headers: [
        { header: "Mcp-Param-Region", path: ["region"] },
        { header: "Mcp-Param-N", path: ["deep", "n"] },
        { header: "Mcp-Param-Flag", path: ["flag"] },
      ],
    });
  });

  it("make the tool unusable when they break the rules", () => {
    const at = (schema: object) => readParamHeaders({ type: "object", properties: { p: schema } }).ok;
    const string = (header: unknown) => ({ type: "string", "x-mcp-header": header });
    expect(at(string("Fine"))).toBe(true);
    for (const header of ["", "a b", "a\r\nX-Evil: 1", "a:b", "ü", 7, null, {}]) expect(at(string(header))).toBe(false);
    for (const type of ["number", "object", "array", "null", undefined, ["string", "null"]]) {
      expect(at({ type, "x-mcp-header": "H" })).toBe(false);
    }
    expect(at({ type: "array", items: string("H") })).toBe(false);
    expect(at({ anyOf: [{ type: "null" }, string("H")] })).toBe(false);
    expect(at({ type: "object", additionalProperties: string("H") })).toBe(false);
    expect(readParamHeaders({ type: "object", $defs: { d: string("H") } }).ok).toBe(false);
    expect(readParamHeaders({ type: "object", "x-mcp-header": "H" }).ok).toBe(false);
    expect(readParamHeaders({ type: "object", properties: { a: string("Same"), b: string("sAME") } })).toMatchObject({
      ok: false,
    });
  });

  it("may be properties that are themselves called x-mcp-header or items", () => {
    const schema = {
      type: "object",
      properties: {
        "x-mcp-header": { type: "string" },
        items: { type: "string", "x-mcp-header": "Items" },
      },
    };
    expect(readParamHeaders(schema)).toEqual({ ok: true, headers: [{ header: "Mcp-Param-Items", path: ["items"] }] });
  });
});

describe("the headers of one call", () => {
  const wanted = [
    { header: "Mcp-Param-S", path: ["s"] },
    { header: "Mcp-Param-N", path: ["o", "n"] },
  ];

  it("mirror strings, integers and booleans", () => {
    expect(paramHeadersOf(wanted, '{"s":"x y","o":{"n":42}}')).toEqual({ "Mcp-Param-S": "x y", "Mcp-Param-N": "42" });
    expect(paramHeadersOf(wanted, '{"s":true,"o":{"n":-0.0}}')).toEqual({ "Mcp-Param-S": "true", "Mcp-Param-N": "0" });
  });

  it("cannot be broken out of", () => {
    expect(paramHeadersOf(wanted, '{"s":"a\\r\\nX-Evil: 1"}')).toEqual({ "Mcp-Param-S": base64("a\r\nX-Evil: 1") });
  });

  it("leave out what is absent, null, or not exactly a number for a header", () => {
    for (const text of ["{}", '{"s":null,"o":null}', '{"o":{"n":9007199254740993}}', '{"o":{"n":1.5},"s":{}}', "[]"]) {
      expect(paramHeadersOf(wanted, text)).toEqual({});
    }
  });

  it("do not reach into prototypes", () => {
    const odd = [{ header: "Mcp-Param-C", path: ["toString", "length"] }];
    expect(paramHeadersOf(odd, "{}")).toEqual({});
    expect(paramHeadersOf([{ header: "Mcp-Param-P", path: ["__proto__"] }], '{"__proto__":"own"}')).toEqual({
      "Mcp-Param-P": "own",
    });
  });
});
