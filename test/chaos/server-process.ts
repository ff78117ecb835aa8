/** MCP servers in a process of their own, which can be killed outright and started again where they were. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Order, Settings, Word } from "./server/settings.ts";

const program = join(import.meta.dirname, "server", "main.ts");
const startBoundMs = 20_000;

export class ServerProcess {
  readonly names: readonly string[];
  readonly #log: string;
  #child: ChildProcess | undefined;
  #urls: readonly string[] = [];

  constructor(names: readonly string[], log: string) {
    this.names = names;
    this.#log = log;
  }

  get urls(): readonly string[] {
    return this.#urls;
  }

  /** On the ports they had before, if they had any. */
  async start(): Promise<void> {
    const ports = this.#urls.map((url) => Number(new URL(url).port));
    const settings: Settings = { names: this.names, ports, log: this.#log };
    const child = spawn(process.execPath, [program, JSON.stringify(settings)], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child = child;
    const word = await heard(child);
    if (word.is === "ready") this.#urls = word.urls;
  }

  async tell(order: Order): Promise<void> {
    const child = this.#child;
    if (!child) throw new Error(`${this.names.join(", ")} does not run`);
    const done = heard(child);
    child.send(order);
    await done;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}

async function heard(child: ChildProcess): Promise<Word> {
  const [word] = (await once(child, "message", { signal: AbortSignal.timeout(startBoundMs) })) as [Word];
  return word;
}
