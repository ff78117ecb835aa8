/** The example that speaks HTTP: the reference server that exercises every feature of MCP, on loopback. */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { binOf } from "./packages.ts";
import { freePort } from "./ports.ts";
import { isStopping, stopWithUs } from "./stop.ts";

export interface Everything {
  readonly id: "everything";
  readonly title: string;
  readonly url: string;
  /** Why it does not listen, when it does not. */
  readonly trouble?: string;
}

/** Settles when it listens or has failed to. */
export async function startEverything(dir: string): Promise<Everything> {
  const port = await freePort();
  const trouble = await listens(run(port, dir), port);
  const everything = {
    id: "everything",
    title: "Example: exercises every feature of MCP",
    url: `http://127.0.0.1:${port}/mcp`,
  } as const;
  return trouble === undefined ? everything : { ...everything, trouble };
}

function run(port: number, dir: string): ChildProcess {
  const program = binOf("@modelcontextprotocol/server-everything", "mcp-server-everything");
  const manners = ["example-manners.ts", "loopback-only.ts"].flatMap((file) => [
    "--import",
    pathToFileURL(join(import.meta.dirname, file)).href,
  ]);
  const log = openSync(join(dir, "everything.log"), "w", 0o600);
  const child = spawn(process.execPath, [...manners, program, "streamableHttp"], {
    // The pipe tells it when we are gone.
    stdio: ["pipe", log, log],
    windowsHide: true,
    env: environment(port),
  });
  closeSync(log);
  stopWithUs(child);
  return child;
}

/** The gateway's keys are none of the examples' business. */
function environment(port: number): NodeJS.ProcessEnv {
  const copy = { ...process.env, PORT: String(port) };
  for (const name of Object.keys(copy)) if (name.startsWith("PATCHBAY_")) Reflect.deleteProperty(copy, name);
  return copy;
}

async function listens(child: ChildProcess, port: number): Promise<string | undefined> {
  let death: string | undefined;
  child.once("error", (reason) => (death = reason.message));
  child.once("exit", (code, signal) => (death = `it ended by itself (${signal ?? `exit code ${code}`})`));
  for (const end = Date.now() + 20_000; Date.now() < end && !isStopping(); await pause(50)) {
    if (death !== undefined) return death;
    if (await accepts(port)) return undefined;
  }
  return "it does not listen after 20 s";
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(socket.destroy() !== undefined));
    socket.once("error", () => resolve(false));
  });
}
