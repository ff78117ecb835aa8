/** workerd as its launcher would run it, without the launcher: hundreds of starts need no bundle each. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { administer, within } from "./stage.ts";
import type { Target } from "./load.ts";

const startBoundMs = 30_000;
const running = new Set<ChildProcess>();

export interface Alone {
  /** From the start until it answered as healthy. */
  readonly tookMs: number;
  kill9(): Promise<void>;
}

/** `data`: a folder that a launcher has prepared, for the address of `target`. */
export async function startAlone(data: string, target: Target): Promise<Alone> {
  const from = performance.now();
  const { default: binary } = createRequire(import.meta.url)("workerd") as { default: string };
  const child = spawn(binary, ["serve", join(data, "config.capnp")], {
    stdio: "ignore",
    env: {
      ...process.env,
      PATCHBAY_SECRET: readFileSync(join(data, "secret"), "utf8").trim(),
      PATCHBAY_ADMIN_KEY: target.key,
    },
  });
  running.add(child);
  const isWell = await within(startBoundMs, async () => (await statusOf(target)) === 200);
  if (!isWell) throw new Error(`workerd on ${data} does not answer`);
  return { tookMs: performance.now() - from, kill9: () => kill(child) };
}

async function statusOf(target: Target): Promise<number> {
  return await administer(target, "/health").then(
    ({ status }) => status,
    () => 0,
  );
}

async function kill(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

export async function killAlone(): Promise<void> {
  await Promise.all([...running].map(kill));
}

// A bug of the run itself ends it without a word; workerd must not stay.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
