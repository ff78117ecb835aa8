/** One fault of one server: well for a while, the fault, well again; and what its callers and the others' saw. */
import { setTimeout as pause } from "node:timers/promises";
import { liesIn, readExecuted } from "./executed.ts";
import type { ServerFault } from "./faults.ts";
import type { Finished } from "./load.ts";
import { recoveryBoundMs, untilRecovered } from "./recovery.ts";
import { countSaw, percentile, told, wordsOf, type Row } from "./row.ts";
import { calmNames, loadOn, type Stage } from "./stage.ts";

const healthyMs = 1_500;
const faultMs = 3_000;
const calls = { suffering: 24, calm: 60 };

export async function suffer(stage: Stage, fault: ServerFault): Promise<Row> {
  const own = loadOn(stage.gateway, ["suffering"], fault.perSecond ?? calls.suffering);
  const calm = loadOn(stage.gateway, calmNames, calls.calm);
  await pause(healthyMs);
  const beganAt = performance.now();
  await fault.begin(stage.suffering);
  await pause(faultMs);
  await fault.end(stage.suffering);
  const endedAt = performance.now();
  const recoveredMs = await untilRecovered(own, endedAt);
  await Promise.all([own.end(), calm.end()]);

  const during = (call: Finished): boolean =>
    call.startedAt >= beganAt && call.startedAt < endedAt + (recoveredMs ?? recoveryBoundMs);
  const lies = liesIn([...own.finished, ...calm.finished], readExecuted(stage.log));
  const hurt = calm.finished.filter(({ saw }) => saw !== "ok");
  const early = own.finished.filter(({ startedAt, tookMs, saw }) => startedAt + tookMs < beganAt && saw !== "ok");
  const forgotten = own.finished.filter(({ saw }) => saw === "forgotten" || saw === "internal");
  return {
    fault: fault.name,
    saw: countSaw(own.finished.filter(during)),
    others: {
      calls: calm.finished.filter(during).length,
      failed: hurt.length,
      p99Ms: percentile(latencies(calm.finished.filter(during)), 0.99),
    },
    wrong: lies.wrong.length,
    twice: lies.twice.length,
    ...(recoveredMs !== undefined && { recoveredMs }),
    broken: [
      ...wordsOf(lies),
      ...told("calls of other servers failed", hurt.map(describe)),
      ...told("calls failed while all was well", early.map(describe)),
      ...told("never answered, or answered with a bug", forgotten.map(describe)),
      ...(recoveredMs === undefined ? [`not well again ${recoveryBoundMs / 1_000} s after the fault`] : []),
    ],
    healthyMs: latencies(calm.finished.filter(({ startedAt, tookMs }) => startedAt + tookMs < beganAt)),
  };
}

function latencies(of: readonly Finished[]): readonly number[] {
  return of.map(({ tookMs }) => tookMs);
}

function describe({ server, sort, saw, tookMs }: Finished): string {
  return `${sort} on ${server}: ${saw} after ${Math.round(tookMs)} ms`;
}
