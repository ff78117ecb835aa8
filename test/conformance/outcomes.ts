/** What the suite found: one folder per scenario, with its checks. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const checkSchema = z.looseObject({
  id: z.string(),
  status: z.enum(["SUCCESS", "FAILURE", "WARNING", "SKIPPED", "INFO"]),
  description: z.string().optional(),
  errorMessage: z.string().optional(),
});
export type Check = z.infer<typeof checkSchema>;

export interface Outcome {
  readonly scenario: string;
  /** A scenario in which nothing could be checked has not passed, whatever the suite says. */
  readonly passed: boolean;
  readonly successes: number;
  readonly failures: readonly Check[];
  /** A SHOULD that was not kept. */
  readonly warnings: readonly Check[];
}

/** By scenario, from folders such as `server-tools-list-2026-11-22T09-00-00-000Z`. */
export async function readOutcomes(folder: string, prefix: "server-" | ""): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  for (const { name, parentPath } of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (name !== "checks.json") continue;
    const scenario = /([^/\\]+(?:[/\\][^/\\]+)?)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(
      parentPath.slice(folder.length + 1),
    )?.[1];
    if (scenario === undefined) continue;
    const checks = z.array(checkSchema).parse(JSON.parse(await readFile(join(parentPath, name), "utf8")));
    const id = scenario.slice(prefix.length);
    outcomes.set(id, outcomeOf(id, checks));
  }
  return outcomes;
}

export function outcomeOf(scenario: string, checks: readonly Check[]): Outcome {
  const having = (status: Check["status"]): Check[] => checks.filter((check) => check.status === status);
  const successes = having("SUCCESS").length;
  const failures = having("FAILURE");
  const passed = failures.length === 0 && successes > 0;
  return { scenario, passed, successes, failures, warnings: having("WARNING") };
}

/** For scenarios the suite never came to. */
export function missing(scenario: string, why: string): Outcome {
  const failure: Check = { id: "not-run", status: "FAILURE", errorMessage: why };
  return { scenario, passed: false, successes: 0, failures: [failure], warnings: [] };
}
