/** The connector as its users run it: a process of its own with a file of servers. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { temporaryFolder, until } from "./gateway.ts";

const program = join(import.meta.dirname, "..", "..", "connector", "patchbay.mjs");
const toy = join(import.meta.dirname, "stdio-toy.ts");

export interface ConnectorRun {
  readonly child: ChildProcess;
  readonly stdout: string[];
  readonly stderr: string[];
  readonly ended: Promise<number>;
}

export interface Behaviour {
  readonly modern?: boolean;
  readonly how?: string;
  readonly log?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** An entry of mcp.json that runs the toy. */
export function toyEntry({ modern = false, how, log, more = {} }: Behaviour = {}): Readonly<Record<string, unknown>> {
  const args = [toy, ...(modern ? ["--modern"] : []), ...(how === undefined ? [] : [`--how=${how}`])];
  return { command: process.execPath, args, ...(log !== undefined && { env: { TOY_LOG: log } }), ...more };
}

export function configFile(servers: Readonly<Record<string, unknown>>): string {
  const path = join(temporaryFolder(), "mcp.json");
  writeFileSync(path, JSON.stringify({ mcpServers: servers }));
  return path;
}

const running = new Set<ChildProcess>();

export function runConnector(args: readonly string[], env: Readonly<Record<string, string>> = {}): ConnectorRun {
  const child = spawn(process.execPath, [program, "connect", ...args], {
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

/** Once its first line says that it is connected. */
export async function startConnector(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ConnectorRun> {
  const run = runConnector([...args, "--json"], env);
  const code = await Promise.race([run.ended, until(() => run.stdout.length > 0).then(() => "none")]);
  if (run.stdout.length === 0) throw new Error(`the connector ended with ${code}:\n${run.stderr.join("\n")}`);
  return run;
}

export async function stopConnectors(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const gone = once(child, "close");
      child.kill("SIGTERM");
      await gone;
    }),
  );
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
