/** Real MCP servers from npm, on loopback, so that a fresh gateway has something to call. */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { member, textMember } from "./json.ts";
import { freePort } from "./ports.ts";
import { isStopping, stopWithUs } from "./stop.ts";

export const exampleIds = ["everything", "memory"] as const;
export type ExampleId = (typeof exampleIds)[number];

export interface Example {
  readonly id: ExampleId;
  readonly title: string;
  readonly url: string;
  /** Why it does not listen, when it does not. */
  readonly trouble?: string;
}

interface Recipe {
  readonly title: string;
  /** Node's arguments. */
  readonly args: (port: number) => readonly string[];
  readonly env: (port: number, dir: string) => Readonly<Record<string, string>>;
}

const require = createRequire(import.meta.url);

const recipes: Record<ExampleId, Recipe> = {
  everything: {
    title: "Example: exercises every feature of MCP",
    args: () => [binOf("@modelcontextprotocol/server-everything", "mcp-server-everything"), "streamableHttp"],
    env: (port) => ({ PORT: String(port) }),
  },
  memory: {
    title: "Example: a knowledge graph that remembers",
    args: (port) =>
      [
        [binOf("mcp-proxy", "mcp-proxy"), "--server", "stream", "--host", "127.0.0.1", "--port", String(port), "--"],
        [process.execPath, binOf("@modelcontextprotocol/server-memory", "mcp-server-memory")],
      ].flat(),
    env: (_, dir) => ({ MEMORY_FILE_PATH: join(dir, "memory.jsonl") }),
  },
};

/** One promise each, settled when the server listens or has failed to. */
export function startExamples(ids: readonly ExampleId[], dir: string): readonly Promise<Example>[] {
  return ids.map((id) => startExample(id, dir));
}

async function startExample(id: ExampleId, dir: string): Promise<Example> {
  const port = await freePort();
  const trouble = await listens(run(id, port, dir), port);
  const example = { id, title: recipes[id].title, url: `http://127.0.0.1:${port}/mcp` };
  return trouble === undefined ? example : { ...example, trouble };
}

function run(id: ExampleId, port: number, dir: string): ChildProcess {
  const recipe = recipes[id];
  const manners = ["example-manners.ts", "loopback-only.ts"].flatMap((file) => [
    "--import",
    pathToFileURL(join(import.meta.dirname, file)).href,
  ]);
  const log = openSync(join(dir, `${id}.log`), "w", 0o600);
  const child = spawn(process.execPath, [...manners, ...recipe.args(port)], {
    // The pipe tells it when we are gone.
    stdio: ["pipe", log, log],
    windowsHide: true,
    env: environment(recipe.env(port, dir)),
  });
  closeSync(log);
  stopWithUs(child);
  return child;
}

/** A program of a package, by its package.json: npm's own way, without a shell. */
function binOf(name: string, bin: string): string {
  const manifest = findManifest(name);
  return join(dirname(manifest), textMember(member(require(manifest), "bin"), bin) ?? "");
}

/** Packages may hide their package.json from `require`, but not from a look at the folders. */
function findManifest(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const manifest = join(folder, name, "package.json");
    if (existsSync(manifest)) return manifest;
  }
  throw new Error(`the package ${name} is not installed`);
}

/** The gateway's keys are none of the examples' business. */
function environment(additions: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const copy = { ...process.env, ...additions };
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
