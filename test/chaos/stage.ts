/** One gateway with one server that will suffer and four, in another process, that must not notice. */
import { join } from "node:path";
import type { HttpAnswer, HttpInit } from "../support/call-http.ts";
import { callHttp } from "../support/call-http.ts";
import { startGateway, temporaryFolder, until, type GatewayOptions, type TestGateway } from "../support/gateway.ts";
import { register } from "../support/register.ts";
import { freePort } from "../../scripts/start/ports.ts";
import { Load, type Target } from "./load.ts";
import { ServerProcess } from "./server-process.ts";

/** The same for every start, so that who had it keeps it. */
const adminKey = "chaos-run-admin-key-0123456789abcdef";
const others = ["calm-1", "calm-2", "calm-3", "calm-4"] as const;
/** Short, so that a hanging server is done with in seconds. */
const timeoutMs = 1_500;

export interface Stage {
  readonly gateway: TestGateway;
  readonly suffering: ServerProcess;
  readonly calm: ServerProcess;
  readonly log: string;
  readonly options: GatewayOptions;
}

export async function openStage(more: GatewayOptions = {}): Promise<Stage> {
  const log = join(temporaryFolder(), "executed.log");
  const options = await gatewayOptions(more);
  const suffering = new ServerProcess(["suffering"], log);
  const calm = new ServerProcess(others, log);
  open.push(suffering, calm);
  const [gateway] = await Promise.all([startGateway(options), suffering.start(), calm.start()]);
  await register(gateway, "suffering", suffering.urls[0] ?? "", { trusted: true, timeoutMs });
  // Longer: that a busy machine is slow for all is not the fault's doing, and the p99 shows it.
  const patient = { trusted: true, timeoutMs: 10_000 };
  for (const [n, name] of others.entries()) await register(gateway, name, calm.urls[n] ?? "", patient);
  return { gateway, suffering, calm, log, options };
}

const open: ServerProcess[] = [];

/** Of this stage and of those that were left half open. */
export async function killServers(): Promise<void> {
  await Promise.all(open.splice(0).map((server) => server.kill()));
}

/** A port that stays the same over restarts, as a real gateway's does. */
export async function gatewayOptions(more: GatewayOptions = {}): Promise<GatewayOptions> {
  const port = await freePort();
  return {
    shards: 3,
    data: temporaryFolder(),
    ...more,
    args: ["--port", String(port), ...(more.args ?? [])],
    env: { PATCHBAY_ADMIN_KEY: adminKey },
  };
}

export function loadOn(target: Target, servers: readonly string[], perSecond: number): Load {
  return new Load(() => target, servers, perSecond).start();
}

export const calmNames: readonly string[] = others;

/** An administrator's request; none of them is waited for without an end. */
export async function administer({ url, key }: Target, path: string, init: HttpInit = {}): Promise<HttpAnswer> {
  const headers = { Authorization: `Bearer ${key}` };
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${path}: no answer in 15 s`)), 15_000);
  try {
    return await Promise.race([callHttp(`${url}${path}`, { ...init, headers }), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the condition became true in time. */
export async function within(boundMs: number, condition: () => boolean | Promise<boolean>): Promise<boolean> {
  const endAt = performance.now() + boundMs;
  let isTrue = false;
  await until(async () => (isTrue = await condition()) || performance.now() > endAt);
  return isTrue;
}
