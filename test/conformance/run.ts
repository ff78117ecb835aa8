/**
 * `npm run test:conformance`: the official suite through a gateway, a line per requirement set, endpoint and fixture.
 * Ends non-zero on any result that expected-failures.yml does not name.
 */
import { parseArgs } from "node:util";
import { killGateway, startBehindGateway, type BehindGateway } from "./behind-gateway.ts";
import { runClientLegs } from "./client-leg.ts";
import { judge, readExpected, type Expected } from "./expected.ts";
import { startFixture } from "./fixture/start-fixture.ts";
import { directRuns, dualRuns, nameOf, oneEraRuns, stdioRuns, type Run } from "./plan.ts";
import { endAll } from "./processes.ts";
import { linesOf, staleLine } from "./report.ts";
import { runSuite } from "./suite.ts";

const wholeBoundMs = 30 * 60_000;
const usage = `npm run test:conformance -- [options]

  --direct        against the fixtures themselves, without a gateway
  --only WORDS    runs whose line begins with or contains these words: "2026-07-28 /mcp/servers/legacy", "client"
  --rest          the client legs through POST /call instead of /mcp, where that means something
  --help          this text`;

const { values: options } = parseArgs({
  options: {
    direct: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    rest: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

let stage: BehindGateway | undefined;

if (options.help) {
  console.log(usage);
} else {
  const bound = setTimeout(() => leave(`the run took longer than ${wholeBoundMs / 60_000} minutes`), wholeBoundMs);
  process.once("SIGINT", () => leave("interrupted"));
  process.once("SIGTERM", () => leave("told to end"));
  const failures = options.direct ? await runDirect() : await runThroughGateway();
  clearTimeout(bound);
  endAll();
  console.log(failures === 0 ? "\nconformance: as expected" : `\nconformance: ${failures} unexpected`);
  process.exitCode = failures === 0 ? 0 : 1;
}

/** What we started ends with us. */
function leave(why: string): void {
  console.error(`conformance: ${why}`);
  endAll();
  if (stage) killGateway(stage.gateway);
  process.exit(1);
}

async function runDirect(): Promise<number> {
  const expected = await readExpected();
  let failures = 0;
  for (const run of directRuns.filter((one) => isWanted(nameOf(one)))) {
    const fixture = await startFixture(run.fixture);
    failures += await judgeRun(run, fixture.url, expected);
    await fixture.close();
  }
  if (isWanted("client")) failures += await runClientLegs({ only: options.only });
  return failures;
}

async function runThroughGateway(): Promise<number> {
  const expected = await readExpected();
  const behind = await startBehindGateway();
  stage = behind;
  let failures = strangers(expected);
  const runAll = async (runs: readonly Run[]): Promise<void> => {
    for (const run of runs) failures += await judgeRun(run, `${behind.origin}${run.endpoint ?? ""}`, expected);
  };
  const wanted = (runs: readonly Run[]): readonly Run[] => runs.filter((run) => isWanted(nameOf(run)));
  try {
    if (wanted(dualRuns).length > 0) {
      await behind.add("dual");
      await behind.addUnrelated();
      await runAll(wanted(dualRuns));
    }
    for (const mode of ["legacy", "modern"] as const) {
      const runs = wanted(oneEraRuns).filter(({ fixture }) => fixture === mode);
      if (runs.length === 0) continue;
      await behind.add(mode);
      await runAll(runs);
    }
    if (wanted(stdioRuns).length > 0) {
      await behind.addConnector();
      await runAll(wanted(stdioRuns));
    }
    if (isWanted("client")) {
      failures += await runClientLegs({
        gateway: behind.gateway,
        door: options.rest ? "rest" : "mcp",
        only: options.only,
      });
    }
  } finally {
    await behind.close();
  }
  return failures;
}

function isWanted(name: string): boolean {
  return options.only.startsWith("client") ? name.startsWith("client") : name.includes(options.only);
}

async function judgeRun(run: Run, url: string, expected: readonly Expected[]): Promise<number> {
  const report = await runSuite(url, run.revision);
  const verdict = judge(nameOf(run), report.scored, expected);
  for (const line of linesOf(nameOf(run), report, verdict)) console.log(line);
  return verdict.unexpected.length + verdict.stale.length;
}

/** Entries for runs that do not exist. */
function strangers(expected: readonly Expected[]): number {
  const names = new Set([...dualRuns, ...oneEraRuns, ...stdioRuns].map((run) => nameOf(run)));
  const lost = expected.filter(({ run }) => !names.has(run));
  for (const entry of lost) console.log(staleLine(entry));
  return lost.length;
}
