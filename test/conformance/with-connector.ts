/** A connector with the fixture behind it on stdin and stdout, once in each era. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { TestGateway } from "../support/gateway.ts";

const readyWaitMs = 30_000;
const eras = ["legacy", "modern"] as const;

export async function startConnector(gateway: TestGateway): Promise<{ close(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), "patchbay-conformance-"));
  const fixture = join(dir, "fixture.mjs");
  await bundle(fixture);
  const mcpServers = Object.fromEntries(
    eras.map((era) => [`stdio-${era}`, { command: process.execPath, args: [fixture, era, "--stdio"] }]),
  );
  const config = join(dir, "mcp.json");
  await writeFile(config, JSON.stringify({ mcpServers }));
  const program = join(import.meta.dirname, "..", "..", "connector", "patchbay.mjs");
  const args = ["connect", config, "--gateway", gateway.url, "--key", gateway.key, "--name", "conformance", "--json"];
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  await untilReady(gateway);
  return {
    async close() {
      const gone = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await gone;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** One file starts in half the time of fifty: the suite gives some answers half a second, a new process included. */
async function bundle(outfile: string): Promise<void> {
  const requires = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await build({
    entryPoints: [join(import.meta.dirname, "fixture", "main.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    banner: { js: requires },
    outfile,
  });
}

async function untilReady(gateway: TestGateway): Promise<void> {
  const until = Date.now() + readyWaitMs;
  for (;;) {
    const answers = await Promise.all(eras.map((era) => gateway.call(`/servers/stdio-${era}`)));
    if (answers.every(({ body }) => (body as { state?: string }).state === "ready")) return;
    if (Date.now() > until) throw new Error(`not ready: ${answers.map(({ text }) => text).join(" ")}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
