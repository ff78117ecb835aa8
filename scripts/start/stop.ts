/** Everything this process started ends with it: on Ctrl-C, on SIGTERM, on a failed start, and when workerd dies. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { stopWithNpm } from "./stop-with-npm.ts";

/** How long a child may take over its last answers: workerd does not end on SIGTERM while a stream is open. */
const graceMs = 5_000;
const sameKeystrokeMs = 500;

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
  const end = (): void => void stopEverything().then(() => process.exit(0));
  let firstAt: number | undefined;
  const stop = (): void => {
    firstAt ??= performance.now();
    // Asked again, by a person: the terminal and npm may both pass the same Ctrl-C on.
    if (performance.now() - firstAt > sameKeystrokeMs) for (const child of children) child.kill("SIGKILL");
    end();
  };
  // SIGHUP: the terminal was closed. Windows sends SIGBREAK for Ctrl-Break.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const) process.on(signal, stop);
  // A bug, or process.exit by someone else: no time to be polite.
  process.on("exit", () => {
    for (const child of children) child.kill("SIGKILL");
  });
  stopWithNpm(end);
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const impatient = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await gone;
  clearTimeout(impatient);
}
