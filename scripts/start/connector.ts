/** Runs `patchbay connect` as our own child, and again when it ends by itself: its servers come back with it. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repository } from "./bundle.ts";
import { isStopping, stopWithUs } from "./stop.ts";

const firstPauseMs = 500;
const longestPauseMs = 30_000;
/** One that lived so long was well. */
const healthyMs = 60_000;

export interface ConnectorStart {
  /** Where the gateway is reached from this machine. */
  readonly gateway: string;
  /** With the scope `connector`. */
  readonly key: string;
  readonly name: string;
  readonly configPath: string;
  /** These servers of the file alone. */
  readonly only?: readonly string[];
  /** What relative paths of the file are relative to. */
  readonly cwd: string;
  readonly logPath: string;
  /** Start servers on their first call, and end them after so many seconds without one. */
  readonly idleSeconds?: string;
  /** More variables for the file's placeholders. */
  readonly env?: Readonly<Record<string, string>>;
  /** Told each process id. */
  readonly noted?: (pid: number) => void;
}

const program = join(repository, "connector", "patchbay.mjs");
const endWithUs = pathToFileURL(join(import.meta.dirname, "end-with-us.ts")).href;

export function runConnector(start: ConnectorStart): void {
  let pauseMs = firstPauseMs;
  const run = (): void => {
    const from = performance.now();
    const log = openSync(start.logPath, "a", 0o600);
    const child = spawn(process.execPath, ["--import", endWithUs, program, "connect", ...argsOf(start)], {
      cwd: start.cwd,
      // The pipe tells it when we are gone.
      stdio: ["pipe", log, log],
      windowsHide: true,
      env: { ...process.env, ...start.env, PATCHBAY_GATEWAY: start.gateway, PATCHBAY_KEY: start.key },
    });
    closeSync(log);
    stopWithUs(child);
    if (child.pid !== undefined) start.noted?.(child.pid);
    child.once("error", (reason) => console.error(`patchbay: the connector does not run: ${reason.message}`));
    child.once("exit", (code, signal) => {
      if (isStopping()) return;
      console.error(
        `patchbay: the connector ${start.name} ended by itself (${signal ?? `exit code ${code}`}) and is started again; log: ${start.logPath}`,
      );
      if (performance.now() - from > healthyMs) pauseMs = firstPauseMs;
      setTimeout(() => isStopping() || run(), pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    });
  };
  run();
}

function argsOf({ configPath, name, only, idleSeconds }: ConnectorStart): readonly string[] {
  return [
    configPath,
    "--name",
    name,
    ...(only ? ["--only", only.join(",")] : []),
    ...(idleSeconds !== undefined ? ["--lazy", "--idle", idleSeconds] : []),
  ];
}
