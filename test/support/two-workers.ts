/** The gateway and a Worker bound to it, both bundled as they are deployed, in one real workerd. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { bundle, repository } from "../../scripts/start/bundle.ts";
import { freePort } from "../../scripts/start/ports.ts";
import { configText } from "../../scripts/start/workerd-config.ts";
import { callHttp, type HttpAnswer, type HttpInit } from "./call-http.ts";
import { temporaryFolder } from "./gateway.ts";

export interface TwoWorkers {
  readonly url: string;
  readonly key: string;
  call(path: string, init?: HttpInit): Promise<HttpAnswer>;
  /** Ends workerd and starts it on the same storage; `bound` false: without the binding, as a deploy may leave it. */
  restart(bound: boolean): Promise<void>;
  close(): Promise<void>;
}

const key = "test-admin-key-0123456789abcdef";
const env = { PATCHBAY_SECRET: "test1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", PATCHBAY_ADMIN_KEY: key };

/** Its folder goes with `cleanUp`. */
export async function startTwoWorkers(): Promise<TwoWorkers> {
  const dir = temporaryFolder();
  const port = await freePort();
  mkdirSync(join(dir, "objects"));
  await bundle(join(dir, "worker.js"));
  await bundle(join(dir, "desk.js"), join(repository, "examples", "service-worker", "worker.ts"));
  const url = `http://127.0.0.1:${port}`;
  const start = (bound: boolean): Promise<ChildProcess> => startWorkerd(dir, port, bound, url);
  let child = await start(true);
  return {
    url,
    key,
    call: (path, init = {}) =>
      callHttp(`${url}${path}`, { ...init, headers: { Authorization: `Bearer ${key}`, ...init.headers } }),
    async restart(bound) {
      await end(child);
      child = await start(bound);
    },
    close: () => end(child),
  };
}

async function startWorkerd(dir: string, port: number, bound: boolean, url: string): Promise<ChildProcess> {
  const path = join(dir, "config.capnp");
  writeFileSync(path, withDesk(configText({ dir, host: "127.0.0.1", port, shards: 2, ...plain }), bound));
  const { default: workerd } = createRequire(import.meta.url)("workerd") as { default: string };
  const child = spawn(workerd, ["serve", path], { stdio: "inherit", env: { ...process.env, ...env } });
  process.once("exit", () => child.kill("SIGKILL"));
  while (child.exitCode === null) {
    const answered = await callHttp(`${url}/health`).catch(() => undefined);
    if (answered?.status === 200) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("workerd did not start");
}

const plain = { tls: undefined, innerPort: undefined };

/** Beside the binding stand two that are none: a variable with such a name, and a service with another. */
function withDesk(config: string, bound: boolean): string {
  const binding = bound ? `(name = "SERVICE_DESK", service = "desk"),` : "";
  return `${config
    .replace("services = [", `services = [ (name = "desk", worker = .desk),`)
    .replace(
      "  bindings = [",
      `  bindings = [ ${binding} (name = "HIDDEN", service = "desk"), (name = "SERVICE_PLAN", text = "a variable"),`,
    )}
const desk :Workerd.Worker = (
  modules = [(name = "desk.js", esModule = embed "desk.js")],
  compatibilityDate = "2026-10-23",
  globalOutbound = "internet",
);
`;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "close");
  child.kill("SIGTERM");
  await gone;
}
