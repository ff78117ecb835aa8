/** Programs this run has started. Each is bounded in time, and none outlives the run. */
import { spawn, type ChildProcess } from "node:child_process";

const running = new Set<ChildProcess>();

export interface Ended {
  /** null when it had to be killed. */
  readonly code: number | null;
  readonly output: string;
}

/** Runs this Node on a program to its end. */
export function runNode(
  args: readonly string[],
  boundMs: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    // Its own group, so that what it starts itself ends with it.
    detached: true,
  });
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (part: string) => (output += part));
  }
  const bound = setTimeout(() => endGroup(child), boundMs);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(bound);
      running.delete(child);
      resolve({ code, output });
    });
  });
}

export function endAll(): void {
  for (const child of running) endGroup(child);
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Gone in the meantime.
  }
}
