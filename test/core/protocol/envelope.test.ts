import { describe, expect, it } from "vitest";
import { readEnvelope, readRequestMeta } from "../../../core/protocol/envelope.ts";

const prefix = "io.modelcontextprotocol/";
const minimal = `"${prefix}protocolVersion":"2026-07-28","${prefix}clientCapabilities":{"elicitation" : {"n":1.0}}`;

function envelope(members: string) {
  return readEnvelope(`{"name":"t","_meta":{${members}}}`);
}

describe("the envelope of a modern request", () => {
  it("gives version and capabilities, as they were written", () => {
    expect(envelope(minimal)).toEqual({
      ok: true,
      value: { protocolVersion: "2026-07-28", capabilitiesText: '{"elicitation" : {"n":1.0}}' },
    });
  });

  it("gives the log level, the progress token in raw form, and what travels on", () => {
    const own = `"traceparent":"00-a","progressToken":9007199254740993,"com.example/x" : {"n":1e400}`;
    const hop = `"${prefix}logLevel":"warning","${prefix}clientInfo":{"name":"c"},"${prefix}anything":1`;
    expect(envelope(`${own},${minimal},${hop}`)).toMatchObject({
      ok: true,
      value: {
        logLevel: "warning",
        progressTokenText: "9007199254740993",
        metaText: '{"traceparent":"00-a","com.example/x" : {"n":1e400}}',
      },
    });
  });

  it("must declare version and capabilities", () => {
    const faulty = [
      "",
      `"${prefix}protocolVersion":"2026-07-28"`,
      `"${prefix}clientCapabilities":{}`,
      `"${prefix}protocolVersion":7,"${prefix}clientCapabilities":{}`,
      `"${prefix}protocolVersion":"2026-07-28","${prefix}clientCapabilities":[]`,
      `"${prefix}protocolVersion":"2099-01-01","${prefix}clientCapabilities":null`,
      `${minimal},"${prefix}logLevel":"loud"`,
      `${minimal},"${prefix}logLevel":null`,
      `${minimal},"progressToken":{}`,
      `${minimal},"progressToken":null`,
    ];
    for (const members of faulty) {
      expect([members, envelope(members)]).toMatchObject([members, { error: { code: -32602, status: 400 } }]);
    }
    expect(readEnvelope('{"_meta":[]}')).toMatchObject({ error: { code: -32602 } });
    expect(readEnvelope("{}")).toMatchObject({ error: { code: -32602 } });
  });

  it("must name a version that we speak, and is told which those are", () => {
    for (const requested of ["2099-01-01", "2025-11-25", "v999.0.0", ""]) {
      const members = `"${prefix}protocolVersion":${JSON.stringify(requested)},"${prefix}clientCapabilities":{}`;
      const read = envelope(members);
      expect(read).toMatchObject({ ok: false, error: { code: -32022, status: 400 } });
      expect(!read.ok && JSON.parse(read.error.dataText ?? "")).toEqual({ supported: ["2026-07-28"], requested });
    }
  });
});

describe("the _meta of a legacy request", () => {
  it("may be missing, and needs no envelope", () => {
    expect(readRequestMeta("{}")).toEqual({ ok: true, value: {} });
    expect(readRequestMeta('{"_meta":{}}')).toEqual({ ok: true, value: {} });
    expect(readRequestMeta('{"_meta":{"progressToken":"a\\u0062","x":1}}')).toEqual({
      ok: true,
      value: { progressTokenText: '"a\\u0062"', metaText: '{"x":1}' },
    });
    expect(readRequestMeta('{"_meta":7}')).toMatchObject({ error: { code: -32602 } });
  });
});
