/** One run of the suite's server scenarios against one URL. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missing, readOutcomes, type Outcome } from "./outcomes.ts";
import { runNode } from "./processes.ts";
import { readRequirements, suiteProgram, type Revision } from "./requirements.ts";

const scenarioBoundMs = 20_000;
const suiteBoundMs = 240_000;

export interface SuiteReport {
  readonly scored: readonly Outcome[];
  readonly unscored: readonly (Outcome & { readonly reason: string })[];
}

export async function runSuite(url: string, revision: Revision): Promise<SuiteReport> {
  const requirements = await readRequirements(revision);
  const folder = await mkdtemp(join(tmpdir(), "patchbay-conformance-"));
  try {
    const args = [
      "server",
      "--url",
      url,
      "--requirements",
      revision,
      "--timeout",
      String(scenarioBoundMs),
      "-o",
      folder,
    ];
    const { code, output } = await runNode([suiteProgram, ...args], suiteBoundMs);
    const outcomes = await readOutcomes(folder, "server-");
    const why = `${code === null ? "the suite ran out of time" : `the suite ended with ${code}`}: ${lastLine(output)}`;
    const found = (scenario: string): Outcome => outcomes.get(scenario) ?? missing(scenario, why);
    return {
      scored: requirements.scored.map((scenario) => found(scenario)),
      unscored: [...requirements.unscored].map(([scenario, reason]) => ({ ...found(scenario), reason })),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function lastLine(output: string): string {
  return output.trimEnd().split("\n").at(-1) ?? "";
}
