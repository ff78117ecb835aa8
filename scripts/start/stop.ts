/** Everything this process started ends with it: on Ctrl-C, on SIGTERM, on a failed start, and when workerd dies. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** How long a child may take over its last answers: workerd does not end on SIGTERM while a stream is open. */
const graceMs = 5_000;

const children = new Set<ChildProcess>();
const lastActs: (() => Promise<void>)[] = [];
let stopping: Promise<void> | undefined;

export function isStopping(): boolean {
  return stopping !== undefined;
}

export function stopWithUs(child: ChildProcess): void {
  children.add(child);
  child.once("exit", () => children.delete(child));
  if (isStopping()) child.kill("SIGKILL");
}

/** `act` runs after the children are gone. */
export function afterStopping(act: () => Promise<void>): void {
  lastActs.push(act);
}

export function stopEverything(): Promise<void> {
  stopping ??= (async () => {
    await Promise.all([...children].map(stopChild));
    for (const act of lastActs) await act().catch(() => undefined);
  })();
  return stopping;
}

export function stopOnSignals(): void {
  let asked = 0;
  const stop = (): void => {
    asked += 1;
    if (asked > 1) for (const child of children) child.kill("SIGKILL");
    void stopEverything().then(() => process.exit(0));
  };
  // SIGHUP: the terminal was closed. Windows sends SIGBREAK for Ctrl-Break.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const) process.on(signal, stop);
  // A bug, or process.exit by someone else: no time to be polite.
  process.on("exit", () => {
    for (const child of children) child.kill("SIGKILL");
  });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const impatient = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await gone;
  clearTimeout(impatient);
}
