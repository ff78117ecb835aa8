/** The gateway as its users run it: the launcher in a process of its own, real workerd, a data folder. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { callHttp, type HttpAnswer, type HttpInit } from "./call-http.ts";

const launcher = join(import.meta.dirname, "..", "..", "scripts", "start.mjs");

export interface GatewayOptions {
  readonly shards?: number;
  /** The data folder; a new temporary one when left out. */
  readonly data?: string;
  /** More options; `--no-examples` is there already unless `examples` is true. */
  readonly args?: readonly string[];
  readonly examples?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** The certificate to trust, when it is not the self-signed one. */
  readonly ca?: string;
  /** A command that runs the launcher: its arguments follow, and its process becomes the launcher's. */
  readonly within?: readonly string[];
}

export interface TestGateway {
  readonly url: string;
  readonly key: string;
  readonly shards: number;
  readonly servers: number;
  readonly data: string;
  /** The launcher's process id. */
  readonly pid: number;
  /** workerd's process id. */
  readonly workerdPid: number;
  call(path: string, init?: HttpInit): Promise<HttpAnswer>;
  /** Ends it as Ctrl-C does; answers the exit code. */
  stop(): Promise<number>;
  /** Kills workerd outright; answers the launcher's exit code. */
  kill9(): Promise<number>;
}

export async function startGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const data = options.data ?? temporaryFolder();
  const args = ["--json", "--port", "0", "--data", data, ...(options.args ?? [])];
  if (options.shards !== undefined) args.push("--shards", String(options.shards));
  if (options.examples !== true) args.push("--no-examples");
  const run = runLauncher(args, options.env, options.within);
  const ready = await readyLine(run);
  const { workerd } = JSON.parse(readFileSync(join(data, "running.json"), "utf8")) as { workerd: number };
  const ca = options.ca ?? readIf(ready.url.startsWith("https:"), join(data, "tls", "certificate.pem"));
  return {
    ...ready,
    data,
    pid: run.child.pid ?? 0,
    workerdPid: workerd,
    call: (path, init = {}) =>
      callHttp(new URL(path, ready.url).href, {
        ...(ca !== undefined && { ca }),
        ...init,
        headers: { Authorization: `Bearer ${ready.key}`, ...init.headers },
      }),
    stop: () => end(run.child, () => run.child.kill("SIGINT")),
    kill9: () => end(run.child, () => process.kill(workerd, "SIGKILL")),
  };
}

export interface LauncherRun {
  readonly child: ChildProcess;
  readonly stdout: string[];
  readonly stderr: string[];
  readonly ended: Promise<number>;
}

/** The launcher with these arguments, its lines collected. */
export function runLauncher(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  within: readonly string[] = [],
): LauncherRun {
  const [command, ...before] = [...within, process.execPath] as const;
  const child = spawn(command, [...before, launcher, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  const [stdout, stderr]: [string[], string[]] = [[], []];
  createInterface({ input: child.stdout }).on("line", (line) => stdout.push(line));
  createInterface({ input: child.stderr }).on("line", (line) => stderr.push(line));
  const ended = once(child, "close").then(() => child.exitCode ?? -1);
  return { child, stdout, stderr, ended };
}

function readIf(condition: boolean, path: string): string | undefined {
  return condition ? readFileSync(path, "utf8") : undefined;
}

type Ready = Pick<TestGateway, "url" | "key" | "shards" | "servers">;

async function readyLine(run: LauncherRun): Promise<Ready> {
  const code = await Promise.race([run.ended, until(() => run.stdout.length > 0).then(() => "no code")]);
  const line = run.stdout[0];
  if (line === undefined) throw new Error(`the launcher ended with ${code}:\n${run.stderr.join("\n")}`);
  return JSON.parse(line) as Ready;
}

async function end(child: ChildProcess, how: () => void): Promise<number> {
  const gone = once(child, "close");
  how();
  await gone;
  return child.exitCode ?? -1;
}

const folders = new Set<string>();
const running = new Set<ChildProcess>();

/** A folder that is removed by `cleanUp`. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "patchbay-test-"));
  folders.add(folder);
  return folder;
}

/** After the tests of a file, failed ones too: what still runs ends, and the folders go. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...running].map((child) => end(child, () => child.kill("SIGINT"))));
  removeFolders();
}

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

process.on("exit", () => {
  for (const child of running) child.kill("SIGTERM");
  removeFolders();
});

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
