/** The nearest Node gateway, before the same server in the same run: asked for with `--peers`, fetched from npm on demand. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Figures } from "./bench.ts";
import type { Contender } from "./contenders.ts";
import { fire, type Shot, type Volley } from "./load.ts";
import { medianOf, round3 } from "./median.ts";
import { freePort } from "./stage.ts";

const mcpHub = "mcp-hub@4.2.1";

export async function measurePeers(
  target: string,
  shots: Record<Contender, Shot>,
  volleyMs: number,
  rounds: number,
): Promise<Pick<Figures, "peers" | "cOverMcpHub">> {
  const dir = await mkdtemp(join(tmpdir(), "patchbay-peers-"));
  let child: ChildProcess | undefined;
  try {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    await promisify(execFile)(npm, ["install", "--prefix", dir, "--no-save", mcpHub], {
      shell: process.platform === "win32",
    });
    const config = join(dir, "servers.json");
    await writeFile(config, JSON.stringify({ mcpServers: { fast: { url: target } } }));
    const port = await freePort();
    const cli = join(dir, "node_modules", "mcp-hub", "dist", "cli.js");
    child = spawn(process.execPath, [cli, "--port", String(port), "--config", config], { stdio: "ignore" });
    const shot: Shot = {
      host: "127.0.0.1",
      port,
      path: "/api/servers/tools",
      headers: {},
      body: JSON.stringify({ server_name: "fast", tool: "echo", arguments: { line: "hello" } }),
      expect: "quick brown fox",
    };
    await untilCalling(shot);
    await fire(shot, 16, 1_500);
    const theirs: Volley[] = [];
    const ours: Volley[] = [];
    for (let round = 0; round < rounds; round += 1) {
      theirs.push(await fire(shot, 16, volleyMs));
      ours.push(await fire(shots.c, 16, volleyMs));
    }
    const peer = medianOf(theirs);
    return { peers: { [mcpHub]: peer }, cOverMcpHub: round3(medianOf(ours).callsPerSecond / peer.callsPerSecond) };
  } finally {
    child?.kill("SIGKILL");
    await rm(dir, { recursive: true, force: true });
  }
}

async function untilCalling(shot: Shot): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answered = await fetch(`http://${shot.host}:${shot.port}${shot.path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof shot.body === "string" ? shot.body : shot.body(0),
    }).then(
      async (response) => (await response.text()).includes(shot.expect),
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${mcpHub} did not answer a tool call within 20 s`);
}
