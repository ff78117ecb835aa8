import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  legacyResult,
  modernResult,
  withMember,
  withMetaMember,
  withoutMember,
  withoutMetaMember,
} from "../../../core/protocol/result-text.ts";

const serverInfo = "io.modelcontextprotocol/serverInfo";
const us = '{"name":"us","version":"1"}';

describe("a member of a result", () => {
  it("is replaced where it stands, and the rest stays byte for byte", () => {
    const text = ' { "a" : 1.0, "b":[9007199254740993, "}"] ,"\\u0063":"\\u00e9\\/"}\n';
    expect(withMember(text, "b", "true")).toBe('{"a" : 1.0,"b":true,"\\u0063":"\\u00e9\\/"}');
    expect(withMember(text, "c", "7")).toBe('{"a" : 1.0,"b":[9007199254740993, "}"],"\\u0063":7}');
    expect(withMember(text, "new", "{}").endsWith(text.slice(text.indexOf('"a"')))).toBe(true);
    expect(withoutMember(text, "a")).toBe('{"b":[9007199254740993, "}"],"\\u0063":"\\u00e9\\/"}');
    expect(withoutMember(text, "missing")).toBe(text);
  });

  it("is put into an empty object, and leaves one behind", () => {
    expect(withMember(" { } ", "a", "1")).toBe('{"a":1}');
    expect(withoutMember('{"a":1}', "a")).toBe("{}");
  });

  it("that stands there twice is changed as one", () => {
    const twice = '{"a":1,"b":2,"\\u0061":3}';
    expect(withoutMember(twice, "a")).toBe('{"b":2}');
    expect(withMember(twice, "a", "7")).toBe('{"a":7,"b":2}');
  });

  it("comes and goes as JSON.parse would see it, whatever the object", () => {
    const object = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("_meta", "a", "__proto__")), fc.jsonValue());
    fc.assert(
      fc.property(object, fc.string(), fc.boolean(), (given, name, spaced) => {
        const text = JSON.stringify(given, null, spaced ? 2 : 0);
        const { [name]: _gone, ...rest } = JSON.parse(text) as Record<string, unknown>;
        expect(JSON.parse(withoutMember(text, name))).toEqual(rest);
        const put = JSON.parse(withMember(text, name, '"put"')) as Record<string, unknown>;
        expect(Object.entries(put).filter(([key]) => key !== name)).toEqual(
          Object.entries(rest).filter(([key]) => key !== name),
        );
        expect(Object.getOwnPropertyDescriptor(put, name)?.value).toBe("put");
      }),
    );
  });
});

describe("a member of _meta", () => {
  it("makes _meta when there is none, and takes an empty one along", () => {
    expect(withMetaMember("{}", "x/stale", "true")).toBe('{"_meta":{"x/stale":true}}');
    expect(withMetaMember('{"_meta":{"a":1.0},"b":1}', "x", "2")).toBe('{"_meta":{"x":2,"a":1.0},"b":1}');
    expect(withMetaMember('{"_meta":null}', "x", "2")).toBe('{"_meta":{"x":2}}');
    expect(withoutMetaMember('{"_meta":{"x":2},"b":1}', "x")).toBe('{"b":1}');
    expect(withoutMetaMember('{"_meta":{"x":2,"y":3}}', "x")).toBe('{"_meta":{"y":3}}');
    expect(withoutMetaMember('{"_meta":{},"b":1}', "x")).toBe('{"_meta":{},"b":1}');
  });
});

describe("a result for a modern client", () => {
  it("has a type, our identity instead of the server's, and what the server said besides", () => {
    expect(JSON.parse(modernResult('{"content":[]}', us))).toEqual({
      content: [],
      resultType: "complete",
      _meta: { [serverInfo]: { name: "us", version: "1" } },
    });
    const given = `{"resultType":"task","n":9007199254740993,"_meta":{"trace":1,"${serverInfo}":{"name":"them"}}}`;
    expect(modernResult(given, us)).toBe(given.replace('{"name":"them"}', us));
  });

  it("says how long it may be kept, in our words", () => {
    const kept = modernResult('{"tools":[],"ttlMs":5,"cacheScope":"public"}', us, { ttlMs: 0, cacheScope: "private" });
    expect(JSON.parse(kept)).toMatchObject({ tools: [], ttlMs: 0, cacheScope: "private" });
    expect(modernResult('{"tools":[]}', us)).not.toContain("ttlMs");
  });
});

describe("a result for a legacy client", () => {
  it("has nothing that only the modern era knows", () => {
    const given = `{"resultType":"complete","content":[{"resultType":1}],"ttlMs":1,"cacheScope":"public","_meta":{"${serverInfo}":{}}}`;
    expect(legacyResult(given)).toBe('{"content":[{"resultType":1}]}');
  });

  it("is otherwise the server's own text", () => {
    const given = ' {"content":[], "_meta":{"x":1.0},"n":1e400}\n';
    expect(legacyResult(given)).toBe(given);
  });
});
