/**
 * A stdio server brought to HTTP three ways, in one run: by our connector with a hundred servers on its one socket, and
 * by the two bridges that do nothing else, fetched from npm on demand. Asked for with `--bridges`.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { admin } from "./contenders.ts";
import { fire, type Shot, type Volley } from "./load.ts";
import { medianOf, round3, type Summary } from "./median.ts";
import { freePort, openStage, type Stage } from "./stage.ts";

const supergateway = "supergateway@4.0.0";
const mcpProxy = "mcp-proxy@6.7.19";
const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, "stdio-server.mjs");
const offered = 100;
const callers = 16;

export interface Bridges {
  readonly bridges: Readonly<Record<string, Summary>>;
  readonly connectorOverSupergateway: number;
  readonly connectorOverMcpProxy: number;
  /** Resident, without the servers themselves: of our connector with 60 of them, and of the bridges, one each. */
  readonly idleMiB: Readonly<Record<string, number>>;
}

interface Bridge {
  readonly shot: Shot;
  readonly child: ChildProcess;
  close(): Promise<void>;
}

export async function measureBridges(volleyMs: number, rounds: number): Promise<Bridges> {
  const dir = await mkdtemp(join(tmpdir(), "patchbay-bridges-"));
  const open: Bridge[] = [];
  try {
    await promisify(execFile)("npm", ["install", "--prefix", dir, "--no-save", supergateway, mcpProxy], {
      shell: process.platform === "win32",
    });
    const modules = join(dir, "node_modules");
    const stdio = `"${process.execPath}" "${program}"`;
    const gateway = [join(modules, "supergateway", "dist", "index.js"), "--outputTransport", "streamableHttp"];
    const proxy = [join(modules, "mcp-proxy", "dist", "bin", "mcp-proxy.mjs"), "--server", "stream"];
    const bridges: Record<string, Bridge> = {
      [supergateway]: await openBridge(gateway, ["--stateful", "--logLevel", "none", "--stdio", stdio]),
      [mcpProxy]: await openBridge(proxy, ["--", process.execPath, program]),
    };
    open.push(...Object.values(bridges));
    const idleMiB: Record<string, number> = {};
    for (const [name, { child }] of Object.entries(bridges)) idleMiB[`60 x ${name}`] = 60 * (await residentMiB(child));
    const ours = await openConnector(dir, offered);
    open.push(ours);
    const volleys: Record<string, Volley[]> = {};
    const all = Object.entries({ ...bridges, connector: ours });
    for (const [, { shot }] of all) await fire(shot, callers, 3_000);
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, { shot }] of all) (volleys[name] ??= []).push(await fire(shot, callers, volleyMs));
    }
    const medians = Object.fromEntries(Object.entries(volleys).map(([name, each]) => [name, medianOf(each)]));
    const over = (name: string): number =>
      round3((medians["connector"]?.callsPerSecond ?? Number.NaN) / (medians[name]?.callsPerSecond ?? Number.NaN));
    await ours.close();
    const idle = await openConnector(dir, 60);
    open.push(idle);
    idleMiB["connector with 60 servers"] = await residentMiB(idle.child);
    return {
      bridges: medians,
      connectorOverSupergateway: over(supergateway),
      connectorOverMcpProxy: over(mcpProxy),
      idleMiB,
    };
  } finally {
    for (const bridge of open) await bridge.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** A bridge's own session, opened as every client opens one. */
async function openBridge(command: readonly string[], rest: readonly string[]): Promise<Bridge> {
  const port = await freePort();
  const args = [...command, "--port", String(port), ...rest];
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  const headers = { accept: "application/json, text/event-stream", "content-type": "application/json" };
  const url = `http://127.0.0.1:${port}/mcp`;
  const post = (message: object, session?: string): Promise<Response> =>
    fetch(url, {
      method: "POST",
      headers: { ...headers, ...(session === undefined ? {} : { "mcp-session-id": session }) },
      body: JSON.stringify({ jsonrpc: "2.0", ...message }),
    });
  const params = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "bench", version: "1" },
  };
  const opened = await untilAnswering(() => post({ id: 0, method: "initialize", params }));
  const session = opened.headers.get("mcp-session-id") ?? "";
  await opened.text();
  await (await post({ method: "notifications/initialized" }, session)).body?.cancel();
  return {
    child,
    shot: {
      host: "127.0.0.1",
      port,
      path: "/mcp",
      headers: { accept: headers.accept, "mcp-session-id": session, "mcp-protocol-version": "2025-06-18" },
      body: (connection) =>
        JSON.stringify({
          jsonrpc: "2.0",
          id: connection + 1,
          method: "tools/call",
          params: { name: "echo", arguments: {} },
        }),
      expect: "quick brown fox",
    },
    close: () => ended(child),
  };
}

/** The gateway with one shard, and a connector that offers so many servers over its one socket. */
async function openConnector(dir: string, servers: number): Promise<Bridge> {
  const stage = await openStage("http://127.0.0.1:9", 1);
  const config = join(dir, `mcp-${servers}.json`);
  const mcpServers = Object.fromEntries(
    Array.from({ length: servers }, (_, at) => [`fast${at}`, { command: process.execPath, args: [program] }]),
  );
  await writeFile(config, JSON.stringify({ mcpServers }));
  const connector = join(here, "..", "connector", "patchbay.mjs");
  const gateway = `http://127.0.0.1:${stage.gateway}`;
  const args = [connector, "connect", config, "--gateway", gateway, "--key", stage.rootKey, "--json"];
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  await untilReady(stage, servers);
  const key = await admin(stage, "POST", "/keys", {
    name: "bench",
    scopes: ["tools:call"],
    limit: { perMinute: 10_000_000, burst: 1_000_000 },
  });
  return {
    child,
    shot: {
      host: "127.0.0.1",
      port: stage.gateway,
      path: "/call",
      headers: { authorization: `Bearer ${String(key["key"])}` },
      body: JSON.stringify({ tool: "fast0__echo", arguments: {} }),
      expect: "quick brown fox",
    },
    close: async () => {
      await ended(child);
      await stage.close();
    },
  };
}

async function untilReady(stage: Stage, servers: number): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const { states } = (await admin(stage, "GET", "/servers/count")) as { states?: { ready?: number } };
    if (states?.ready === servers) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`fewer than ${servers} servers were ready after 60 s`);
}

async function untilAnswering(ask: () => Promise<Response>): Promise<Response> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const response = await ask().catch(() => undefined);
    if (response?.ok) return response;
    await response?.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("a bridge did not open a session within 20 s");
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await gone;
  clearTimeout(late);
}

/** Linux only; NaN elsewhere. */
async function residentMiB(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
}
