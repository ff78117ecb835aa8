import { describe, expect, it } from "vitest";
import { headerValue, readHeaderValue } from "../../../core/protocol/header-value.ts";
import { checkMirrored, mirroredName } from "../../../core/protocol/mirrored-headers.ts";

const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
const always = { "mcp-protocol-version": "2026-07-28" };
const mismatch = { ok: false, error: { code: -32020, status: 400 } };
const fine = { ok: true, value: undefined };

function check(method: string, params: object, headers: Record<string, string>, wanted?: [string, ...string[]][]) {
  const paramHeaders = wanted?.map(([header, ...path]) => ({ header: `Mcp-Param-${header}`, path }));
  return checkMirrored(new Headers(headers), method, { ...params, _meta }, paramHeaders);
}

describe("the mirrored headers of a request", () => {
  it("must name its version and its method, exactly", () => {
    const method = { "mcp-method": "tools/list" };
    expect(check("tools/list", {}, { ...always, ...method })).toEqual(fine);
    expect(check("tools/list", {}, method)).toMatchObject(mismatch);
    expect(check("tools/list", {}, always)).toMatchObject(mismatch);
    expect(check("tools/list", {}, { ...always, "mcp-method": "tools/call" })).toMatchObject(mismatch);
    expect(check("tools/list", {}, { ...always, "mcp-method": "Tools/List" })).toMatchObject(mismatch);
    expect(check("tools/list", {}, { ...method, "mcp-protocol-version": "2025-11-25" })).toMatchObject(mismatch);
    expect(checkMirrored(new Headers({ ...always, ...method }), "tools/list", {})).toMatchObject(mismatch);
  });

  it("must name the tool, prompt, resource or task", () => {
    const subjects: [string, object, string][] = [
      ["tools/call", { name: "n" }, "n"],
      ["prompts/get", { name: "n" }, "n"],
      ["resources/read", { uri: "file:///a", name: "x" }, "file:///a"],
      ["tasks/get", { taskId: "7" }, "7"],
      ["tasks/update", { taskId: "7" }, "7"],
      ["tasks/cancel", { taskId: "7" }, "7"],
    ];
    for (const [method, params, name] of subjects) {
      const headers = { ...always, "mcp-method": method };
      expect(check(method, params, { ...headers, "mcp-name": name })).toEqual(fine);
      expect(check(method, params, { ...headers, "mcp-name": `${name}x` })).toMatchObject(mismatch);
      expect(check(method, params, headers)).toMatchObject(mismatch);
      expect(mirroredName(method, { ...params })).toBe(name);
    }
    const headers = { ...always, "mcp-method": "tools/call" };
    expect(check("tools/call", { name: 7 }, headers)).toEqual(fine);
    expect(check("constructor", { name: "n" }, { ...always, "mcp-method": "constructor" })).toEqual(fine);
  });

  it("may be encoded, and must be when plain text would not do", () => {
    const params = { name: "tööl" };
    const named = (name: string) =>
      check("tools/call", params, { ...always, "mcp-method": "tools/call", "mcp-name": name });
    expect(named("=?base64?dMO2w7Zs?=")).toEqual(fine);
    for (const wrong of [
      "tööl",
      "=?base64?dMO2w7Zs",
      "=?BASE64?dMO2w7Zs?=",
      "=?base64?dMO2w7Z?=",
      "=?base64?/////w==?=",
    ]) {
      expect([wrong, named(wrong)]).toMatchObject([wrong, mismatch]);
    }
  });
});

describe("the header of an argument", () => {
  const call = { ...always, "mcp-method": "tools/call", "mcp-name": "t" };
  const wanted: [string, ...string[]][] = [["Region", "where", "region"]];
  const checked = (region: unknown, header?: string) =>
    check(
      "tools/call",
      { name: "t", arguments: { where: { region } } },
      { ...call, ...(header === undefined ? {} : { "mcp-param-region": header }) },
      wanted,
    );

  it("must say what the argument says", () => {
    expect(checked("us", "us")).toEqual(fine);
    expect(checked(" us ", "=?base64?IHVzIA==?=")).toEqual(fine);
    expect(checked("us", "eu")).toMatchObject(mismatch);
    expect(checked("us")).toMatchObject(mismatch);
    expect(checked(true, "true")).toEqual(fine);
    expect(checked(true, "True")).toMatchObject(mismatch);
    expect(checked("us", "=?base64?!?=")).toMatchObject(mismatch);
  });

  it("is compared as a number where the argument is one", () => {
    expect(checked(42, "42")).toEqual(fine);
    expect(checked(42, "42.0")).toEqual(fine);
    expect(checked(-7, "-7")).toEqual(fine);
    for (const wrong of ["43", "0x2a", "4.2e1", "42."]) expect(checked(42, wrong)).toMatchObject(mismatch);
    expect(checked("42", "42.0")).toMatchObject(mismatch);
  });

  it("is not expected, nor looked at, where there is no argument that a header can carry", () => {
    for (const none of [undefined, null, {}, [], 1e300]) {
      expect(checked(none)).toEqual(fine);
      expect(checked(none, "anything")).toEqual(fine);
    }
    expect(check("tools/call", { name: "t" }, call, wanted)).toEqual(fine);
    expect(check("tools/call", { name: "t" }, { ...call, "mcp-param-unknown": "x" }, wanted)).toEqual(fine);
  });
});

describe("a header value", () => {
  it("comes back as what was written, whatever it was", () => {
    for (const value of [
      "a",
      "a b",
      "",
      " a",
      "a\t",
      "tööl",
      "😀",
      "a\r\nb",
      "=?base64?",
      "=?base64?=",
      "=?base64?x?=",
      "?=",
    ]) {
      const header = headerValue(value);
      expect(new Headers({ x: header }).get("x")).toBe(header);
      expect(readHeaderValue(header)).toBe(value);
    }
  });
});
