/** What is known to be impossible, and the sentence of the specification that makes it so. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { Outcome } from "./outcomes.ts";

export const expectedPath = join(import.meta.dirname, "expected-failures.yml");

const entrySchema = z.strictObject({
  run: z.string().describe("A line's head: `2026-07-28 /mcp/servers/legacy`."),
  scenario: z.string(),
  sentence: z.string().min(20).describe("From the specification, word for word."),
  source: z.url({ protocol: /^https$/ }).describe("Where the sentence stands."),
});
export type Expected = z.infer<typeof entrySchema>;

export async function readExpected(): Promise<readonly Expected[]> {
  return z.array(entrySchema).parse(parse(await readFile(expectedPath, "utf8")) ?? []);
}

export interface Verdict {
  /** Failed, and nobody said it would. */
  readonly unexpected: readonly Outcome[];
  readonly expected: readonly Outcome[];
  /** Said to be impossible, and passed or never ran. */
  readonly stale: readonly Expected[];
}

export function judge(run: string, scored: readonly Outcome[], all: readonly Expected[]): Verdict {
  const entries = all.filter((entry) => entry.run === run);
  const isExpected = ({ scenario }: Outcome): boolean => entries.some((entry) => entry.scenario === scenario);
  const failed = scored.filter(({ passed }) => !passed);
  return {
    unexpected: failed.filter((outcome) => !isExpected(outcome)),
    expected: failed.filter((outcome) => isExpected(outcome)),
    stale: entries.filter((entry) => !failed.some(({ scenario }) => scenario === entry.scenario)),
  };
}
