/** The suite's client scenarios, with the gateway as the client: each starts a server and watches who calls it, and how. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Gateway } from "./doors.ts";
import { missing, readOutcomes, type Outcome } from "./outcomes.ts";
import { runNode } from "./processes.ts";
import { failureLines, warningLines } from "./report.ts";
import { suiteProgram, type Revision } from "./requirements.ts";

const driveBoundMs = 30_000;
const legBoundMs = 45_000;

interface Leg {
  readonly scenario: string;
  readonly revision: Revision;
  /** Has a meaning where only tool calls go through. */
  readonly rest: boolean;
}

const legs: readonly Leg[] = [
  { scenario: "initialize", revision: "2025-11-25", rest: true },
  { scenario: "tools_call", revision: "2025-11-25", rest: true },
  { scenario: "tools_call", revision: "2026-07-28", rest: true },
  { scenario: "request-metadata", revision: "2026-07-28", rest: true },
  { scenario: "sep-2322-client-request-state", revision: "2026-07-28", rest: false },
  { scenario: "http-standard-headers", revision: "2026-07-28", rest: true },
  { scenario: "http-custom-headers", revision: "2026-07-28", rest: true },
  { scenario: "http-invalid-tool-headers", revision: "2026-07-28", rest: true },
  { scenario: "json-schema-ref-no-deref", revision: "2026-07-28", rest: true },
  { scenario: "json-schema-2020-12-preservation", revision: "2026-07-28", rest: true },
  { scenario: "sse-retry", revision: "2025-11-25", rest: true },
  { scenario: "elicitation-sep1034-client-defaults", revision: "2025-11-25", rest: false },
];

export interface ClientLegOptions {
  /** Absent: the official client alone, without a gateway. */
  readonly gateway?: Gateway;
  readonly door?: "mcp" | "rest";
  readonly only?: string;
}

/** Prints a line per leg; answers how many failed. */
export async function runClientLegs({ gateway, door = "mcp", only = "" }: ClientLegOptions): Promise<number> {
  const where = gateway ? door : "direct";
  const env = gateway && { GATEWAY_URL: gateway.url, GATEWAY_KEY: gateway.key, DOOR: door };
  const chosen = legs.filter((leg) => (where !== "rest" || leg.rest) && nameOf(leg).includes(only));
  let failed = 0;
  for (const leg of chosen) {
    const { outcome, said } = await runLeg(leg, env ?? {});
    const total = outcome.successes + outcome.failures.length;
    console.log(`${nameOf(leg)} ${where} ${outcome.successes}/${total}`);
    for (const line of warningLines(outcome)) console.log(line);
    if (outcome.passed) continue;
    failed += 1;
    for (const line of [...failureLines("FAILED", outcome), ...said]) console.log(line);
  }
  console.log(`client legs ${where} ${chosen.length - failed}/${chosen.length}`);
  return failed;
}

function nameOf({ scenario, revision }: Leg): string {
  return `client ${revision} ${scenario}`;
}

interface LegResult {
  readonly outcome: Outcome;
  /** What the drive complained of. */
  readonly said: readonly string[];
}

async function runLeg({ scenario, revision }: Leg, env: Readonly<Record<string, string>>): Promise<LegResult> {
  const folder = await mkdtemp(join(tmpdir(), "patchbay-conformance-"));
  const command = `${process.execPath} ${join(import.meta.dirname, "drive.ts")}`;
  const args = ["client", "--command", command, "--scenario", scenario, "--spec-version", revision, "-o", folder];
  try {
    const { code, output } = await runNode([suiteProgram, ...args, "--timeout", String(driveBoundMs)], legBoundMs, env);
    const outcome = (await readOutcomes(folder, "")).get(scenario) ?? missing(scenario, `the suite ended with ${code}`);
    const passed = outcome.passed && code === 0;
    return { outcome: { ...outcome, passed }, said: passed ? [] : complaints(code, output) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function complaints(code: number | null, output: string): string[] {
  const errors = output
    .split("\n")
    .filter((line) => /^\s*(?:\[?\w*Error\b.*:|the gateway finds|Client (?:exited|timed))/.test(line));
  // Its server closes when nobody is connected any more, and the server was unregistered before that.
  const held = code === null ? ["a connection to the scenario's server stayed open after it was unregistered"] : [];
  return [...errors, ...held].map((line) => `      ${line.trim()}`);
}
