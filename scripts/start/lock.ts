/**
 * One gateway per data folder: two workerds on the same databases would spoil them. `running.json` names the launcher
 * and its workerd. A launcher that was killed cannot stop its workerd, so the next start does.
 */
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { Complaint } from "./complaint.ts";
import { numberMember, parseJson } from "./json.ts";
import { readIfThere, writeSafely } from "./state.ts";
import { afterStopping } from "./stop.ts";

interface Running {
  readonly launcher: number;
  readonly workerd?: number;
}

/** tasklist knows programs, not their command lines. */
const launcherWord = process.platform === "win32" ? "node.exe" : "start.mjs";

/** Notes workerd's process id, for a later start to find. */
export type Note = (workerd: number) => Promise<void>;

export async function claimFolder(dir: string): Promise<Note> {
  const path = join(dir, "running.json");
  const before = await read(path);
  if (before && before.launcher !== process.pid && (await runs(before.launcher, launcherWord))) {
    throw new Complaint(
      `the data folder ${dir} is in use by process ${before.launcher}; stop it, or use another --data`,
    );
  }
  if (before?.workerd !== undefined && (await runs(before.workerd, "workerd"))) await end(before.workerd);
  await writeSafely(path, JSON.stringify({ launcher: process.pid } satisfies Running));
  afterStopping(() => rm(path, { force: true }));
  return (workerd) => writeSafely(path, JSON.stringify({ launcher: process.pid, workerd } satisfies Running));
}

async function read(path: string): Promise<Partial<Running>> {
  const note = parseJson((await readIfThere(path)) ?? "");
  const [launcher, workerd] = [numberMember(note, "launcher"), numberMember(note, "workerd")];
  return { ...(launcher !== undefined && { launcher }), ...(workerd !== undefined && { workerd }) };
}

/** Process ids are used again, so a living one counts only when its command line says what it is. */
async function runs(pid: number | undefined, word: string): Promise<boolean> {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return (await commandLine(pid)).includes(word);
  } catch {
    return false;
  }
}

async function commandLine(pid: number): Promise<string> {
  if (process.platform === "linux") return await readFile(`/proc/${pid}/cmdline`, "utf8");
  const run = promisify(execFile);
  const { stdout } =
    process.platform === "win32"
      ? await run("tasklist", ["/FI", `PID eq ${pid}`, "/FO", "CSV", "/NH"])
      : await run("ps", ["-p", String(pid), "-o", "command="]);
  return stdout;
}

async function end(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  process.kill(pid, "SIGKILL");
  for (let tries = 0; tries < 50 && (await runs(pid, "workerd")); tries += 1) await pause(100);
}
