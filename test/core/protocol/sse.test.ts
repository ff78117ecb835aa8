import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sseReader, type SseFault, type SseLimits } from "../../../core/protocol/sse.ts";

const roomy: SseLimits = { maxEventBytes: 1_000_000, maxEvents: 10_000 };

interface Read {
  readonly data: string[];
  readonly types: (string | undefined)[];
  readonly fault: SseFault | undefined;
}

/** Feeds the stream in pieces of `size` bytes. */
function read(stream: string | Uint8Array, size = Number.POSITIVE_INFINITY, limits = roomy): Read {
  const bytes = typeof stream === "string" ? new TextEncoder().encode(stream) : stream;
  const data: string[] = [];
  const types: (string | undefined)[] = [];
  const reader = sseReader(limits, (event) => {
    data.push(event.data);
    types.push(event.event);
  });
  let fault: SseFault | undefined;
  for (let at = 0; at < bytes.length && !fault; at += size) {
    fault = reader.push(bytes.subarray(at, Math.min(at + size, bytes.length)));
  }
  return { data, types, fault };
}

describe("an event stream", () => {
  it("has LF, CR or CRLF endings, mixed as it likes", () => {
    for (const ending of ["\n", "\r", "\r\n"]) {
      expect(read(["data: a", "", "data: b", "", ""].join(ending)).data).toEqual(["a", "b"]);
    }
    expect(read("data: a\r\ndata: b\r\rdata: c\n\r\n").data).toEqual(["a\nb", "c"]);
  });

  it("gives an event as soon as its blank line is there, even one that ends in CR", () => {
    expect(read("data: a\r\r").data).toEqual(["a"]);
    expect(read("data: a\r\n\r").data).toEqual(["a"]);
    expect(read("data: a\n\n").data).toEqual(["a"]);
  });

  it("is the same in whatever pieces it arrives", () => {
    const stream =
      '\ufeff: hello\r\nevent: message\r\nid: 7\r\ndata: {"t":"grüße 😀"}\r\n\r\ndata:x\rdata: y\n\ndata\n\n';
    const whole = read(stream);
    expect(whole.data).toEqual(['{"t":"grüße 😀"}', "x\ny", ""]);
    for (let size = 1; size < 40; size++) expect(read(stream, size)).toEqual(whole);
  });

  it("joins several data lines with LF, strips one space only, and keeps colons", () => {
    expect(read("data: one\ndata:  two\ndata:a:b\n\n").data).toEqual(["one\n two\na:b"]);
  });

  it("ignores comments, unknown fields, and an event that never ended", () => {
    expect(read(": keep-alive\n\nfoo: bar\ndata: a\n\ndata: unfinished").data).toEqual(["a"]);
  });

  it("names the event's type", () => {
    expect(read("event: endpoint\ndata: /messages\n\ndata: x\n\n").types).toEqual(["endpoint", undefined]);
  });

  it("may open with a byte order mark, and with one only", () => {
    expect(read("\ufeffdata: a\n\n").data).toEqual(["a"]);
    expect(read("\ufeff\ufeffdata: a\n\n").data).toEqual([]);
    expect(read("\n\ufeffdata: a\n\n", 1).data).toEqual([]);
  });

  it("carries any text that has no line ending", () => {
    const line = fc.string({ unit: "grapheme" }).filter((text) => !/[\r\n\ufeff]/.test(text));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.integer({ min: 1, max: 9 }), (lines, size) => {
        const stream = lines.map((text) => `data: ${text}\n\n`).join("");
        expect(read(stream, size).data).toEqual(lines);
      }),
    );
  });
});

describe("a hostile event stream", () => {
  it("is refused when it is not UTF-8", () => {
    expect(read(new Uint8Array([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a])).fault).toBe("not_utf8");
  });

  it("may not hold a line or an event without end", () => {
    const limits = { maxEventBytes: 1_000, maxEvents: 10_000 };
    expect(read("x".repeat(2_000), 100, limits).fault).toBe("too_large");
    expect(read(`data: ${"x".repeat(2_000)}`, 100, limits).fault).toBe("too_large");
    expect(read("data: xxxxxxxxx\n".repeat(200), 100, limits).fault).toBe("too_large");
    expect(read("data: xxxxxxxxx\n\n".repeat(200), 100, limits).fault).toBeUndefined();
  });

  it("may not flood us with tiny events or nonsense", () => {
    const limits = { maxEventBytes: 1_000, maxEvents: 50 };
    expect(read("data:\n\n".repeat(51), 64, limits).fault).toBe("too_many");
    expect(read("x\n".repeat(51), 64, limits).fault).toBe("too_many");
    expect(read("retry: x\n".repeat(51), 64, limits).fault).toBe("too_many");
    expect(read(":\n".repeat(5_000), 64, limits).fault).toBeUndefined();
  });

  it("stays refused", () => {
    const reader = sseReader({ maxEventBytes: 10, maxEvents: 10 }, () => undefined);
    expect(reader.push(new Uint8Array(11).fill(0x61))).toBe("too_large");
    expect(reader.push(new TextEncoder().encode("data: a\n\n"))).toBe("too_large");
  });
});
