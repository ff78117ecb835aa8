import { expect, test } from "vitest";
import { hashText, mixBits } from "../../../core/policies/stable-hash.ts";

test("hashes are frozen: keys, servers and tool names depend on them", () => {
  expect(["", "a", "memory", "server-1", "server-2", "naïve ☃"].map((text) => hashText(text))).toEqual([
    2872998923, 444641715, 2304008685, 2516229107, 2291166508, 295482319,
  ]);
  expect(hashText("memory", 1)).toBe(2534856499);
  expect([0, 1, 0xffffffff].map(mixBits)).toEqual([0, 0x514e28b7, 0x81f16f39]);
});

test("100,000 names that differ in a digit have 100,000 hashes, but for the few that chance allows", () => {
  const hashes = new Set(Array.from({ length: 100_000 }, (_, i) => hashText(`server-${i}`)));
  expect(hashes.size).toBeGreaterThan(99_990);
});
