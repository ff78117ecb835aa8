/** One workerd with the gateway and both baselines in it, so that all are measured by the same process. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFile, mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { bundle, repository } from "../scripts/start/bundle.ts";

export interface Stage {
  readonly gateway: number;
  readonly worker: number;
  readonly object: number;
  readonly rootKey: string;
  residentMiB(): Promise<number>;
  /** Processor time used so far, user and system, in microseconds. */
  cpuMicros(): Promise<number>;
  close(): Promise<void>;
}

export async function openStage(target: string, shards = 3): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), "patchbay-bench-"));
  await mkdir(join(dir, "objects"));
  await Promise.all([
    bundle(join(dir, "worker.js")),
    bundle(join(dir, "baselines.js"), join(repository, "bench", "baselines.ts")),
  ]);
  const [gateway, worker, object] = await Promise.all([freePort(), freePort(), freePort()]);
  await writeFile(join(dir, "via-worker.js"), 'export { viaWorker as default, Relay } from "baselines.js";\n');
  await writeFile(join(dir, "via-object.js"), 'export { viaObject as default, Relay } from "baselines.js";\n');
  await writeFile(join(dir, "config.capnp"), configText(dir, { gateway, worker, object }, target, shards));
  const rootKey = randomBytes(24).toString("base64url");
  const child = spawn(workerdPath(), ["serve", join(dir, "config.capnp")], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      PATCHBAY_SECRET: `bench:${randomBytes(32).toString("base64")}`,
      PATCHBAY_ADMIN_KEY: rootKey,
    },
  });
  await untilAnswering(`http://127.0.0.1:${gateway}/health`, child);
  return {
    gateway,
    worker,
    object,
    rootKey,
    residentMiB: () => residentMiB(child),
    cpuMicros: () => cpuMicros(child),
    close: async () => {
      child.kill("SIGKILL");
      await rm(dir, { recursive: true, force: true });
    },
  };
}

interface Ports {
  readonly gateway: number;
  readonly worker: number;
  readonly object: number;
}

function configText(dir: string, ports: Ports, target: string, shards: number): string {
  const socket = (name: keyof Ports): string =>
    `(name = "${name}", address = "127.0.0.1:${ports[name]}", http = (), service = "${name}")`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "gateway", worker = .gateway),
    (name = "worker", worker = .viaWorker),
    (name = "object", worker = .viaObject),
    (name = "network", network = (allow = ["public", "private"])),
    (name = "objects", disk = (path = ${JSON.stringify(join(dir, "objects"))}, writable = true)),
  ],
  sockets = [${socket("gateway")}, ${socket("worker")}, ${socket("object")}],
);
const gateway :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-23",
  compatibilityFlags = ["enable_request_signal"],
  globalOutbound = "network",
  durableObjectStorage = (localDisk = "objects"),
  durableObjectNamespaces = [
    (className = "ProxyShard", uniqueKey = "shard", enableSql = true),
    (className = "Fleet", uniqueKey = "fleet", enableSql = true),
    (className = "Settings", uniqueKey = "settings", enableSql = true),
  ],
  bindings = [
    (name = "SHARD", durableObjectNamespace = "ProxyShard"),
    (name = "FLEET", durableObjectNamespace = "Fleet"),
    (name = "SETTINGS", durableObjectNamespace = "Settings"),
    (name = "PRIVATE_NETWORK", service = "network"),
    (name = "PATCHBAY_SECRET", fromEnvironment = "PATCHBAY_SECRET"),
    (name = "PATCHBAY_ADMIN_KEY", fromEnvironment = "PATCHBAY_ADMIN_KEY"),
    (name = "SHARD_COUNT", text = "${shards}"),
    (name = "BIND", text = "loopback"),
  ],
);
const viaWorker :Workerd.Worker = (
  modules = [(name = "main.js", esModule = embed "via-worker.js"), (name = "baselines.js", esModule = embed "baselines.js")],
  compatibilityDate = "2026-10-23",
  globalOutbound = "network",
  bindings = [(name = "TARGET", text = ${JSON.stringify(target)})],
);
const viaObject :Workerd.Worker = (
  modules = [(name = "main.js", esModule = embed "via-object.js"), (name = "baselines.js", esModule = embed "baselines.js")],
  compatibilityDate = "2026-10-23",
  globalOutbound = "network",
  durableObjectStorage = (inMemory = void),
  durableObjectNamespaces = [(className = "Relay", uniqueKey = "relay", enableSql = true)],
  bindings = [(name = "TARGET", text = ${JSON.stringify(target)}), (name = "RELAY", durableObjectNamespace = "Relay")],
);
`;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilAnswering(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (child.exitCode !== null) break;
    const answered = await fetch(url).then(
      async (response) => response.text(),
      () => undefined,
    );
    if (answered !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("workerd did not start");
}

/** The workerd package knows where the binary of this platform is. */
function workerdPath(): string {
  const { default: path } = createRequire(import.meta.url)("workerd") as { default: string };
  return path;
}

/** Linux only; NaN elsewhere. */
async function residentMiB(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** Linux only; NaN elsewhere. The kernel counts in ticks of 10 ms. */
async function cpuMicros(child: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${child.pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
