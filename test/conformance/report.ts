/** Lines for people: what passed, what failed and why, what did not count. */
import type { Expected, Verdict } from "./expected.ts";
import type { Check, Outcome } from "./outcomes.ts";
import type { SuiteReport } from "./suite.ts";

const longest = 300;

export function linesOf(run: string, { scored, unscored }: SuiteReport, verdict: Verdict): string[] {
  const passed = scored.filter((outcome) => outcome.passed).length;
  return [
    `${run} ${passed}/${scored.length}`,
    ...verdict.unexpected.flatMap((outcome) => failureLines("FAILED", outcome)),
    ...verdict.expected.map(({ scenario }) => `  expected ${scenario}: impossible, see expected-failures.yml`),
    ...verdict.stale.map((entry) => staleLine(entry)),
    ...scored.flatMap((outcome) => warningLines(outcome)),
    ...unscored.map((outcome) => unscoredLine(outcome)),
  ];
}

export function failureLines(word: string, { scenario, failures, successes }: Outcome): string[] {
  const checks = failures.map((check) => `      ${check.id}: ${reasonOf(check)}`);
  const otherwise = successes === 0 ? "nothing was checked" : "every check passed, but the run did not end well";
  return [`  ${word} ${scenario}`, ...(checks.length > 0 ? checks : [`      ${otherwise}`])];
}

export function warningLines({ scenario, warnings }: Outcome): string[] {
  return warnings.map((check) => `  warning ${scenario} ${check.id}: ${reasonOf(check)}`);
}

export function staleLine({ run, scenario }: Expected): string {
  return `  STALE  ${scenario}: expected-failures.yml says it cannot pass in '${run}'; it did, or there is no such run`;
}

function unscoredLine({ scenario, reason, passed, successes, failures }: SuiteReport["unscored"][number]): string {
  const outcome = passed ? "passed" : failures.length > 0 ? "failed" : "checked nothing";
  return `  unscored ${scenario} (${reason}): ${outcome}, ${successes} of ${successes + failures.length} checks`;
}

function reasonOf({ errorMessage, description }: Check): string {
  const text = (errorMessage ?? description ?? "").replaceAll(/\s+/g, " ");
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
