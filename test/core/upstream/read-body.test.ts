import { describe, expect, it } from "vitest";
import { readBody } from "../../../core/upstream/read-body.ts";

/** A body without end that counts how much of it was taken. */
function endless(headers: Record<string, string>) {
  const taken = { bytes: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      taken.bytes += 1_000;
      controller.enqueue(new Uint8Array(1_000));
    },
    cancel() {
      taken.cancelled = true;
    },
  });
  return { response: new Response(stream, { headers }), taken };
}

describe("a body", () => {
  it("is not believed to be as short as it says when it is chunked, compressed or says two things", async () => {
    const odd: Record<string, string>[] = [
      { "content-length": "10", "transfer-encoding": "chunked" },
      { "content-length": "10", "content-encoding": "gzip" },
      { "content-length": "5, 6" },
      { "content-length": "-1" },
      {},
    ];
    for (const headers of odd) {
      const { response, taken } = endless(headers);
      expect(await readBody(response, 10_000)).toEqual({ ok: false });
      expect(taken.cancelled).toBe(true);
      expect(taken.bytes).toBeLessThan(15_000);
    }
  });

  it("that says it is too long is not read at all", async () => {
    const { response, taken } = endless({ "content-length": "10001" });
    expect(await readBody(response, 10_000)).toEqual({ ok: false });
    expect(taken.cancelled).toBe(true);
    expect(taken.bytes).toBeLessThanOrEqual(1_000);
  });

  it("comes whole, in one piece or in many, or not at all", async () => {
    const text = "grüße ".repeat(1_000);
    const bytes = new TextEncoder().encode(text);
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 77) controller.enqueue(bytes.slice(at, at + 77));
        controller.close();
      },
    });
    const length = { "content-length": String(bytes.length) };
    for (const response of [new Response(text, { headers: length }), new Response(text), new Response(pieces)]) {
      expect(await readBody(response, bytes.length)).toEqual({ ok: true, text, size: bytes.length });
    }
    expect(await readBody(new Response(null), 10)).toEqual({ ok: true, text: "", size: 0 });
  });

  it("says so when it is not UTF-8, and takes a replacement character at its word", async () => {
    const broken = [0xff, 0xc3, 0xed].map((byte) => Uint8Array.of(0x22, byte, 0x22));
    for (const bytes of broken) {
      for (const headers of [{ "content-length": "3" }, new Headers()]) {
        expect(await readBody(new Response(bytes, { headers }), 10)).toEqual({ ok: true, text: undefined, size: 3 });
      }
    }
    for (const headers of [{ "content-length": "5" }, new Headers()]) {
      expect(await readBody(new Response('"\ufffd"', { headers }), 10)).toEqual({
        ok: true,
        text: '"\ufffd"',
        size: 5,
      });
    }
  });
});
