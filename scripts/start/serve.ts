/** Bundle, configure, run: from a data folder to a gateway that answers. */
import { join } from "node:path";
import type { Gateway } from "./ask.ts";
import { bundle } from "./bundle.ts";
import type { Note } from "./lock.ts";
import { isLoopback, reachable } from "./loopback.ts";
import type { Options } from "./options.ts";
import { freePort, requirePort } from "./ports.ts";
import { waitForHealth } from "./register.ts";
import type { Report } from "./report.ts";
import type { State } from "./state.ts";
import { openTls } from "./tls.ts";
import { startWorkerd } from "./workerd.ts";
import { writeWorkerdConfig } from "./workerd-config.ts";

const defaultShards = 3;

export interface Served {
  readonly gateway: Gateway;
  /** What users are told. */
  readonly url: string;
  /** A certificate that clients must be told to trust. */
  readonly selfSignedPath: string | undefined;
}

export interface Serving {
  readonly options: Options;
  readonly state: State;
  readonly adminKey: string;
  readonly report: Report;
  readonly noted: Note;
}

export async function serve({ options, state, adminKey, report, noted }: Serving): Promise<Served> {
  const [, tls, bytes] = await Promise.all([
    requirePort(options.host, options.port),
    openTls(options, state.dir),
    timed(() => bundle(join(state.dir, "worker.js"))),
  ]);
  report.step("worker", `bundled ${Math.round(bytes.value / 1024)} KB in ${bytes.ms} ms`);

  // Over plain HTTP the gateway takes keys from this machine alone, which includes its launcher and the connector.
  const innerPort = isLoopback(options.host) && !tls ? undefined : await freePort();
  const shards = options.shards ?? defaultShards;
  const configPath = await writeWorkerdConfig({
    dir: state.dir,
    host: options.host,
    port: options.port,
    shards,
    tls,
    innerPort,
  });
  const port = await startWorkerd({ ...state, configPath, adminKey, noted });
  const url = `${tls ? "https" : "http"}://${reachable(options.host)}:${port}`;
  const origin = innerPort === undefined ? url : `http://127.0.0.1:${innerPort}`;
  const gateway = { origin, adminKey };
  await waitForHealth(gateway);
  report.step("workerd", `answers on ${url}`);
  return { gateway, url, selfSignedPath: tls?.selfSigned === true ? tls.certificatePath : undefined };
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const from = performance.now();
  const value = await work();
  return { value, ms: Math.round(performance.now() - from) };
}
