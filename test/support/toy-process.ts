/** The toy server in a process of its own, so that it can be killed outright. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const program = join(import.meta.dirname, "toy-main.ts");

export interface ToyProcess {
  readonly url: string;
  readonly port: number;
  /** SIGKILL; answers when it is gone. */
  kill(): Promise<void>;
}

/** On this port, or on any. */
export async function startToy(port = 0): Promise<ToyProcess> {
  const child = spawn(process.execPath, [program, String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  const gone = once(child, "close");
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return {
    url: `http://127.0.0.1:${line}/mcp`,
    port: Number(line),
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}
