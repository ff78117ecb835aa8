import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  readJson,
  elementSpans,
  endsTooEarly,
  memberSpans,
  memberText,
  tooHeavy,
} from "../../../core/protocol/json-text.ts";

function members(text: string): Record<string, string> {
  return Object.fromEntries([...memberSpans(text)].map(([key, { start, end }]) => [key, text.slice(start, end)]));
}

function codeOf(text: string, maxDepth = 64): string {
  const checked = readJson(text, { maxDepth });
  return checked.ok ? "ok" : checked.failure.code;
}

function duplicatePath(text: string): string | undefined {
  const checked = readJson(text, { maxDepth: 64 });
  return !checked.ok && checked.failure.code === "duplicate_key" ? checked.failure.path : undefined;
}

describe("the raw members of an object", () => {
  it("come out byte for byte", () => {
    const text = ' {"n" : 12345678901234567890 , "s":"a\\"b\\\\","o":{"z":1.0,"a":[1,"}]"]},"t":true ,"e":1e400}\n';
    expect(members(text)).toEqual({
      n: "12345678901234567890",
      s: '"a\\"b\\\\"',
      o: '{"z":1.0,"a":[1,"}]"]}',
      t: "true",
      e: "1e400",
    });
  });

  it("are known by their decoded key, and the last of equal keys counts, as in JSON.parse", () => {
    const text = '{"result":1,"\\u0072esult":2}';
    expect(members(text)).toEqual({ result: "2" });
    expect(JSON.parse(text)).toEqual({ result: 2 });
  });

  it("may be called __proto__", () => {
    expect(memberText('{"__proto__":{"x":1},"constructor":2}', "__proto__")).toBe('{"x":1}');
  });

  it("do not exist in what is no object, or is empty", () => {
    expect(members("{}")).toEqual({});
    expect(members(" { } ")).toEqual({});
    expect(members("[1]")).toEqual({});
    expect(members("")).toEqual({});
  });

  it("end where they end, however far into them a quote is escaped", () => {
    for (let length = 0; length < 120; length++) {
      for (const escapes of ['\\"', "\\\\", '\\\\\\"', "\\u0022", '\\"\\"']) {
        const value = `"${"x".repeat(length)}${escapes}${"y".repeat(length % 50)}"`;
        expect(members(`{"a":${value},"b":${value}}`)).toEqual({ a: value, b: value });
      }
    }
  });

  it("are those that JSON.parse finds, whatever the object", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()),
        fc.constantFrom(0, 1, 2),
        (object, indent) => {
          const text = JSON.stringify(object, null, indent);
          const parsed = [...memberSpans(text)].map(([key, { start, end }]) => [
            key,
            JSON.parse(text.slice(start, end)),
          ]);
          expect(Object.fromEntries(parsed)).toEqual(JSON.parse(text));
        },
      ),
    );
  });
});

describe("the raw elements of an array", () => {
  it("come out byte for byte", () => {
    const text = '[ {"a":[1,2]} ,"x,]", 1.50,null ]';
    expect(elementSpans(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      '{"a":[1,2]}',
      '"x,]"',
      "1.50",
      "null",
    ]);
  });

  it("are none in an empty one", () => {
    expect(elementSpans("[]")).toEqual([]);
    expect(elementSpans(" [ ] ")).toEqual([]);
    expect(elementSpans("{}")).toEqual([]);
  });

  it("are those that JSON.parse finds, whatever the array", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 2), (array, indent) => {
        const text = JSON.stringify(array, null, indent);
        const parsed = elementSpans(text).map(({ start, end }) => JSON.parse(text.slice(start, end)) as unknown);
        expect(parsed).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe("checking JSON", () => {
  it("accepts what JSON.parse accepts", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(codeOf(text)).toBe("ok");
      }),
    );
    expect(codeOf('{"lone":"\\ud800"}')).toBe("ok");
  });

  it("refuses what is no JSON", () => {
    for (const text of ["", "{", '{"a":1,}', "nul", "'a'", '{"a":01}', "\ufeff{}", '"\u0001"', "NaN", "{}{}"]) {
      expect(codeOf(text)).toBe("malformed_json");
    }
  });

  it("refuses a key that stands twice, and says where", () => {
    expect(duplicatePath('{"a":1,"a":2}')).toBe("/a");
    expect(duplicatePath('{"x":[{},{"a/b":{"~":{"k":1,"k":1}}}]}')).toBe("/x/1/a~1b/~0/k");
    expect(duplicatePath('[[{"":1,"":2}]]')).toBe("/0/0/");
  });

  it("sees through escapes: one key can be spelled many ways", () => {
    expect(duplicatePath('{"a":1,"\\u0061":2}')).toBe("/a");
    expect(duplicatePath('{"\\/":1,"/":2}')).toBe("/~1");
    expect(duplicatePath('{"\\ud83d\\ude00":1,"😀":2}')).toBe("/😀");
    expect(duplicatePath('{"\\uD800":1,"\\ud800":2}')).toBe("/\ud800");
  });

  it("finds __proto__ twice, and lets it stand once", () => {
    expect(duplicatePath('{"__proto__":1,"__proto__":2}')).toBe("/__proto__");
    expect(codeOf('{"__proto__":{},"constructor":1,"toString":2}')).toBe("ok");
  });

  it("lets equal keys stand in different objects, and equal strings as values", () => {
    expect(codeOf('{"a":{"a":[{"a":1},{"a":"a"}]},"b":"a"}')).toBe("ok");
    expect(codeOf('{"a":"\\"b\\":1,\\"b\\":2"}')).toBe("ok");
  });

  it("finds every duplicate, wherever it is put", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (value, key) => {
        const member = `${JSON.stringify(key)}:${JSON.stringify(value)}`;
        expect(codeOf(`[{"outer":{${member},${member}}}]`)).toBe("duplicate_key");
      }),
    );
  });

  it("bounds the depth, and survives what is far beyond it", () => {
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    expect(codeOf(nested(64))).toBe("ok");
    expect(codeOf(nested(65))).toBe("nested_too_deep");
    expect(codeOf(nested(1_000_000))).toBe("nested_too_deep");
    expect(codeOf(`{"a":"${"[".repeat(100)}"}`)).toBe("ok");
  });
});

describe("the weight of JSON", () => {
  it("counts levels and values, not what stands in strings", () => {
    const heavy = (text: string, maxDepth: number, maxValues = 100) => tooHeavy(text, { maxDepth, maxValues });
    expect(heavy('{"a":[{"b":"[[[[,,,,"}]}', 3)).toBe(false);
    expect(heavy('{"a":[{"b":"[[[["}]}', 2)).toBe(true);
    expect(heavy("[[],[],[]]", 2)).toBe(false);
    expect(heavy("[1,2,3]", 2, 3)).toBe(false);
    expect(heavy("[1,2,3,4]", 2, 3)).toBe(true);
    expect(heavy("[".repeat(5_000_000), 1_000)).toBe(true);
  });
});

describe("JSON that was cut off", () => {
  it("is told from text that never was JSON, at every cut", () => {
    const whole = '{"jsonrpc":"2.0","id":"a\\"b","result":{"content":[{"text":"x\\\\"}]}}';
    for (let length = 1; length < whole.length; length++) expect(endsTooEarly(whole.slice(0, length))).toBe(true);
    for (const text of ["", "not json", "<html>", '{"a":garbage}', "{}}", "nul"])
      expect(endsTooEarly(text)).toBe(false);
  });
});
