/** `patchbay connect`, in order. */
import { openConfig, type OpenedConfig, type Runnable } from "./config/open-config.ts";
import { Complaint } from "./complaint.ts";
import { HttpServer } from "./http/http-server.ts";
import type { LocalServer, Watcher, Wishes } from "./local-server.ts";
import type { Options } from "./options.ts";
import { StdioServer } from "./stdio/stdio-server.ts";
import { Tunnel } from "./tunnel/tunnel.ts";
import { jsonView } from "./view/json-lines.ts";
import { linesView } from "./view/lines.ts";
import { terminalView } from "./view/terminal.ts";
import type { View } from "./view/view.ts";

export async function connect(options: Options): Promise<void> {
  const config = await openConfig(options.configPath, options.only);
  if (options.dryRun) return describe(config, options);
  if (config.runnable.length === 0) {
    for (const { id, reason } of config.leftOut) console.error(`patchbay: server ${id}: ${reason}`);
    throw new Complaint(`${options.configPath} has no server to run here`);
  }
  const servers = new Map<string, LocalServer>();
  const view = viewFor(options, () => [...servers.values()]);
  const tunnel = new Tunnel({ origin: options.gateway, key: options.key }, options.name, servers, {
    connected: (shards) => view.connected({ name: options.name, gateway: options.gateway, shards }),
    noted: (note) => view.noted(undefined, note),
    refused: (server, why) => view.noted(server, `the gateway does not take it: ${why}`),
  });
  const watcher: Watcher = watch(view, tunnel);
  for (const entry of config.runnable) servers.set(entry.id, serverFor(entry, options, watcher));
  for (const { id, reason } of [...config.leftOut, ...config.notes]) view.noted(id, reason);

  const trouble = await tunnel.open();
  if (trouble !== undefined) throw new Complaint(`no connection to the gateway at ${options.gateway}: ${trouble}`);
  stopOnSignals(async () => {
    // First those who call, so that nobody is told that a server broke.
    await tunnel.close("the connector stops");
    await Promise.all([...servers.values()].map((server) => server.stop()));
    view.end();
  });
  for (const server of servers.values()) server.start();
}

/** Traffic is for people here; the gateway counts its own. */
function watch(view: View, tunnel: Tunnel): Watcher {
  const told = new Map<string, LocalServer["offer"]>();
  return {
    changed(server) {
      if (told.get(server.id) !== server.offer) tunnel.tell(server.offer);
      told.set(server.id, server.offer);
      view.changed(server);
    },
    said: (server, line) => view.said(server, line),
    noted: (server, note) => view.noted(server, note),
  };
}

function serverFor(entry: Runnable, { lazy, idleMs }: Options, watcher: Watcher): LocalServer {
  const wishes = wishesOf(entry);
  if (entry.is === "http") return new HttpServer({ ...entry, wishes }, watcher);
  return new StdioServer({ ...entry, lazy: lazy || entry.lazy === true, idleMs, wishes }, watcher);
}

/** Of the settings that a file may have for the gateway, those that a connector may ask for. */
function wishesOf({ title, settings }: Runnable): Wishes {
  const { timeoutMs } = settings;
  return { ...(title !== undefined && { title }), ...(typeof timeoutMs === "number" && { timeoutMs }) };
}

function viewFor({ json }: Options, servers: () => readonly LocalServer[]): View {
  if (json) return jsonView(servers);
  return process.stdout.isTTY ? terminalView(servers) : linesView();
}

/** Values of variables and headers may be secrets; their names are not. */
function describe({ runnable, leftOut, notes }: OpenedConfig, { json, name, gateway }: Options): void {
  const would = runnable.map((entry) =>
    entry.is === "http"
      ? { id: entry.id, url: entry.url, headers: Object.keys(entry.headers) }
      : { id: entry.id, command: [entry.command, ...entry.args], env: Object.keys(entry.env) },
  );
  if (json) return console.log(JSON.stringify({ dryRun: true, name, gateway, servers: would, leftOut, notes }));
  console.log(`As ${name}, for ${gateway}:`);
  for (const one of would) {
    const what = "url" in one ? `passes on to ${one.url}` : `runs ${one.command.join(" ")}`;
    const names = "headers" in one ? (one.headers ?? []) : (one.env ?? []);
    console.log(`  ${one.id} ${what}${names.length > 0 ? ` with ${names.join(", ")}` : ""}`);
  }
  for (const { id, reason } of leftOut) console.log(`  ${id} is left out. ${reason}`);
  for (const { id, reason } of notes) console.log(`  ${id}: ${reason}`);
}

function stopOnSignals(stop: () => Promise<void>): void {
  let stopping: Promise<void> | undefined;
  const end = (): void => {
    stopping ??= stop().finally(() => process.exit(0));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const) process.on(signal, end);
  // Nobody reads any more; that is no reason to stop.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
}
