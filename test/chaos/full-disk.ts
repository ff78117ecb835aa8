/**
 * A disk with no room left, and room again. The disk is 64 MB of memory, mounted in a user namespace of its own, which
 * needs no privileges where the system grants such namespaces at all.
 */
import { spawnSync } from "node:child_process";
import { closeSync, cpSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startGateway, temporaryFolder } from "../support/gateway.ts";
import type { Changes } from "./changes.ts";
import { liesIn, readExecuted } from "./executed.ts";
import { everyChange, lostChanges } from "./kept.ts";
import { recoveryBoundMs, untilRecovered } from "./recovery.ts";
import { count, countSaw, told, wordsOf, type Row } from "./row.ts";
import { calmNames, gatewayOptions, loadOn, openStage, within } from "./stage.ts";

const healthyMs = 1_500;
const fullMs = 4_000;
const perSecond = 40;

/** The folder to mount on, then the command. */
const mounting = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"];
const mount = 'mount -t tmpfs -o size=64m tmpfs "$0" && exec "$@"';

export function canMount(): boolean {
  if (process.platform !== "linux") return false;
  const [command = "", ...rest] = mounting;
  return spawnSync(command, [...rest, mount, temporaryFolder(), "true"]).status === 0;
}

export async function fillDisk(fault: string): Promise<Row> {
  const data = temporaryFolder();
  const objects = join(data, "objects");
  mkdirSync(objects);
  const { gateway, log } = await openStage({ data, within: [...mounting, mount, objects] });
  // What its own process sees there.
  const disk = `/proc/${gateway.pid}/root${objects}`;
  const administrators = everyChange();
  const load = loadOn(gateway, ["suffering", ...calmNames], perSecond);
  const ending = new AbortController();
  const working = administrators.map((one) => one.work(gateway, { signal: ending.signal, goesOn: true }));
  const changesSaw = (): readonly string[] => administrators.flatMap((one) => one.saw);

  await pause(healthyMs);
  const filler = join(disk, "filler");
  const fullAt = performance.now();
  fill(filler);
  for (const one of administrators) one.saw.length = 0;
  await pause(fullMs);
  const changes = count(changesSaw());
  rmSync(filler);
  const freedAt = performance.now();
  const recoveredMs = await untilRecovered(load, freedAt);
  for (const one of administrators) one.saw.length = 0;
  const takesChanges = await within(recoveryBoundMs, () => changesSaw().includes("ok"));
  ending.abort();
  await Promise.all([...working, load.end()]);
  const lost = [...(await lostChanges(gateway, administrators)), ...(await lostOnDisk(disk, data, administrators))];
  await gateway.stop();

  const lies = liesIn(load.finished, readExecuted(log));
  const forgotten = load.finished.filter(({ saw }) => saw === "forgotten");
  const during = load.finished.filter(
    ({ startedAt }) => startedAt >= fullAt && startedAt < freedAt + (recoveredMs ?? 0),
  );
  return {
    fault,
    saw: `${countSaw(during)} · changes: ${changes}`,
    wrong: lies.wrong.length,
    twice: lies.twice.length,
    lost: lost.length,
    ...(recoveredMs !== undefined && { recoveredMs }),
    broken: [
      ...wordsOf(lies),
      ...told("acknowledged and lost, or half-done", lost),
      ...told(
        "never answered",
        forgotten.map(({ mark }) => mark),
      ),
      ...(recoveredMs === undefined ? [`calls not well again ${recoveryBoundMs / 1_000} s after there was room`] : []),
      ...(takesChanges ? [] : ["takes no changes though there is room again"]),
    ],
    healthyMs: [],
  };
}

function fill(path: string): void {
  const file = openSync(path, "w");
  // Ever smaller, until not a page is left.
  for (let size = 1024 * 1024; size >= 512; size /= 2) {
    const part = Buffer.alloc(size);
    try {
      for (;;) writeSync(file, part);
    } catch {
      // ENOSPC: that is the point.
    }
  }
  closeSync(file);
}

/** The same of what is on the disk, read by a gateway that was not there. */
async function lostOnDisk(disk: string, data: string, administrators: readonly Changes[]): Promise<readonly string[]> {
  const copy = temporaryFolder();
  for (const name of ["secret", "first-start.json"]) cpSync(join(data, name), join(copy, name));
  cpSync(disk, join(copy, "objects"), { recursive: true });
  const again = await startGateway(await gatewayOptions({ data: copy }));
  const lost = await lostChanges(again, administrators);
  await again.stop();
  return lost;
}
