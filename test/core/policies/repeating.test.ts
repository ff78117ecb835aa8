import { describe, expect, test } from "vitest";
import { backoffMs } from "../../../core/policies/backoff.ts";
import { isSafe } from "../../../core/policies/retry-safety.ts";

describe("backoff", () => {
  const bounds = { baseMs: 50, capMs: 1_000 };

  test("the ceiling doubles from the base to the cap", () => {
    expect([0, 1, 2, 3, 4, 5, 60, 5_000].map((attempt) => backoffMs(attempt, 1, bounds))).toEqual([
      50, 100, 200, 400, 800, 1_000, 1_000, 1_000,
    ]);
  });

  test("chance spreads the waits over everything below it", () => {
    expect([0, 0.25, 0.5, 0.999].map((random) => backoffMs(2, random, bounds))).toEqual([0, 50, 100, 199]);
  });
});

describe("calling a tool again", () => {
  const tool = { name: "t", paramHeaders: [], readOnly: false, idempotent: false };

  test("is safe when a trusted server calls it read-only or idempotent", () => {
    expect(isSafe({ ...tool, readOnly: true }, true)).toBe(true);
    expect(isSafe({ ...tool, idempotent: true }, true)).toBe(true);
  });

  test("is not safe on a stranger's word, without a word, or when nothing is known of the tool", () => {
    expect(isSafe({ ...tool, readOnly: true, idempotent: true }, false)).toBe(false);
    expect(isSafe(tool, true)).toBe(false);
    expect(isSafe(undefined, true)).toBe(false);
  });
});
