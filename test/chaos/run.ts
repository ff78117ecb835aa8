/**
 * `npm run test:chaos`: every fault, one after the other, under a steady load through a gateway that its launcher
 * started; a table at the end. Ends non-zero when a promise broke.
 */
import { parseArgs } from "node:util";
import { cleanUp } from "../support/gateway.ts";
import { killDuringChanges } from "./admin-kills.ts";
import { serverFaults } from "./faults.ts";
import { canMount, fillDisk } from "./full-disk.ts";
import { killGateway } from "./kill-gateway.ts";
import type { Row } from "./row.ts";
import { killServers, openStage, type Stage } from "./stage.ts";
import { suffer } from "./suffer.ts";
import { print, tableOf, writeToDocs } from "./table.ts";
import { killAlone } from "./workerd-alone.ts";

const usage = `npm run test:chaos -- [options]

  --only WORDS    faults whose line contains these words: "hangs", "gateway", "disk"
  --kills N       how often workerd is killed during admin writes    (20)
  --write         put the table into docs/reference/faults.md
  --help          this text`;

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    kills: { type: "string", default: "20" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const kills = Number(options.kills);
const boundMs = 8 * 60_000 + kills * 10_000;

interface Trial {
  readonly name: string;
  run(): Promise<Row>;
  isPossible?(): boolean;
}

let stage: Promise<Stage> | undefined;
let isLeaving = false;

const killed = "the gateway killed, started again";
const full = "the gateway's disk full, then room again";

const trials: readonly Trial[] = [
  ...serverFaults.map((fault) => ({
    name: fault.name,
    run: async () => suffer(await (stage ??= openStage()), fault),
  })),
  { name: killed, run: () => killGateway(killed) },
  { name: full, run: () => fillDisk(full), isPossible: canMount },
  { name: "workerd killed during admin writes", run: () => killDuringChanges(kills) },
];

if (options.help) console.log(usage);
else if (!Number.isInteger(kills) || kills < 1) complain(`--kills takes a whole number from 1, not '${options.kills}'`);
else await run();

async function run(): Promise<void> {
  const wanted = trials.filter(({ name }) => name.includes(options.only));
  if (wanted.length === 0) return complain(`no fault's line contains '${options.only}'`);
  const bound = setTimeout(() => void leave(`the run took longer than ${boundMs / 60_000} minutes`), boundMs);
  process.once("SIGINT", () => void leave("interrupted"));
  process.once("SIGTERM", () => void leave("told to end"));
  const rows: Row[] = [];
  try {
    for (const trial of wanted) {
      if (trial.isPossible?.() === false) console.log(`left out: ${trial.name}; this system does not let it be made`);
      else rows.push(await report(trial));
    }
  } catch (reason) {
    // What breaks because it was ended is nobody's trouble.
    if (!isLeaving) throw reason;
  } finally {
    clearTimeout(bound);
    await endAll();
  }
  if (isLeaving) return;
  const table = tableOf(rows);
  console.log("");
  print(table);
  if (options.write) writeToDocs(table);
  const broken = rows.filter((row) => row.broken.length > 0);
  console.log(
    broken.length === 0 ? "\nchaos: every promise held" : `\nchaos: ${broken.length} of ${rows.length} broke`,
  );
  // Sockets to calls that were never answered would keep the process.
  process.exit(broken.length === 0 ? 0 : 1);
}

async function report(trial: Trial): Promise<Row> {
  const from = performance.now();
  const row = await trial.run();
  const seconds = ((performance.now() - from) / 1_000).toFixed(1);
  console.log(`${row.broken.length === 0 ? "ok    " : "BROKEN"} ${trial.name} (${seconds} s)`);
  for (const line of row.broken) console.log(`       ${line}`);
  return row;
}

/** What we started ends with us. */
async function endAll(): Promise<void> {
  await Promise.all([killServers(), killAlone()]);
  await cleanUp();
}

async function leave(why: string): Promise<never> {
  isLeaving = true;
  console.error(`chaos: ${why}`);
  await endAll();
  process.exit(1);
}

function complain(why: string): void {
  console.error(`chaos: ${why}\n\n${usage}`);
  process.exitCode = 2;
}
