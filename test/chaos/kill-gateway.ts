/** workerd killed outright under load, and the launcher started again on the same data folder, as a service manager would. */
import { setTimeout as pause } from "node:timers/promises";
import { startGateway } from "../support/gateway.ts";
import { liesIn, readExecuted } from "./executed.ts";
import { everyChange, lostChanges } from "./kept.ts";
import { recoveryBoundMs, untilRecovered } from "./recovery.ts";
import { countSaw, told, wordsOf, type Row } from "./row.ts";
import { calmNames, loadOn, openStage } from "./stage.ts";

const healthyMs = 1_500;
const perSecond = 60;

export async function killGateway(fault: string): Promise<Row> {
  const { gateway, log, options } = await openStage();
  const administrators = everyChange();
  const load = loadOn(gateway, ["suffering", ...calmNames], perSecond);
  const ending = new AbortController();
  const working = administrators.map((one) => one.work(gateway, { signal: ending.signal }));
  await pause(healthyMs);
  const killedAt = performance.now();
  await gateway.kill9();
  await Promise.all(working);
  const again = await startGateway(options);
  const recoveredMs = await untilRecovered(load, killedAt);
  await load.end();
  const lost = await lostChanges(again, administrators);
  await again.stop();

  const lies = liesIn(load.finished, readExecuted(log));
  const early = load.finished.filter(({ startedAt, tookMs, saw }) => startedAt + tookMs < killedAt && saw !== "ok");
  const forgotten = load.finished.filter(({ saw }) => saw === "forgotten");
  const untilWell = killedAt + (recoveredMs ?? recoveryBoundMs);
  return {
    fault,
    saw: countSaw(
      load.finished.filter(({ startedAt, tookMs }) => startedAt + tookMs >= killedAt && startedAt < untilWell),
    ),
    wrong: lies.wrong.length,
    twice: lies.twice.length,
    lost: lost.length,
    ...(recoveredMs !== undefined && { recoveredMs }),
    broken: [
      ...wordsOf(lies),
      ...told("acknowledged and lost, or half-done", lost),
      ...told(
        "calls failed while all was well",
        early.map(({ saw }) => saw),
      ),
      ...told(
        "never answered",
        forgotten.map(({ mark }) => mark),
      ),
      ...(recoveredMs === undefined ? [`not well again ${recoveryBoundMs / 1_000} s after the kill`] : []),
    ],
    healthyMs: [],
  };
}
