/**
 * What workerd is told (workerd.capnp). Nothing secret stands in it: keys come through the environment, the
 * certificate's key is read from its own file.
 */
import { isAbsolute, join, relative } from "node:path";
import { bracketed, isLoopback } from "./loopback.ts";
import { writeSafely } from "./state.ts";
import type { Tls } from "./tls.ts";

export interface WorkerdConfig {
  readonly dir: string;
  readonly host: string;
  readonly port: number;
  readonly shards: number;
  readonly tls: Tls | undefined;
  /** The way in over loopback for the launcher and the connector, when the public one is not plain HTTP on loopback. */
  readonly innerPort: number | undefined;
}

export async function writeWorkerdConfig(config: WorkerdConfig): Promise<string> {
  const path = join(config.dir, "config.capnp");
  await writeSafely(path, configText(config));
  return path;
}

/** Spaces matter: `worker = .main` is one token less than `worker=.main`, which does not parse. */
export function configText(config: WorkerdConfig): string {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (
      allow = ["public"],
      # Ranges that "public" lets through and that lead back inside: benchmarking, NAT64, 6to4.
      deny = ["198.18.0.0/15", "64:ff9b::/96", "2002::/16"],
      tlsOptions = (trustBrowserCas = true))),
    (name = "private-network", network = (
      allow = ["public", "private"],
      tlsOptions = (trustBrowserCas = true))),
    (name = "objects", disk = (path = ${text(join(config.dir, "objects"))}, writable = true)),
  ],
  sockets = [
    (name = "public", address = ${text(`${bracketed(config.host)}:${config.port}`)}, ${door(config)}, service = "main"),${innerDoor(config)}
  ],
);

const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-23",
  # An object hears when the Worker that asks it has stopped waiting.
  compatibilityFlags = ["enable_request_signal"],
  globalOutbound = "internet",
  durableObjectStorage = (localDisk = "objects"),
  # The keys name the folders of the objects' databases: changing one loses them.
  durableObjectNamespaces = [
    (className = "ProxyShard", uniqueKey = "patchbay-proxy-shard", enableSql = true),
    (className = "Fleet", uniqueKey = "patchbay-fleet", enableSql = true),
    (className = "Settings", uniqueKey = "patchbay-settings", enableSql = true),
  ],
  bindings = [
    (name = "SHARD", durableObjectNamespace = "ProxyShard"),
    (name = "FLEET", durableObjectNamespace = "Fleet"),
    (name = "SETTINGS", durableObjectNamespace = "Settings"),
    (name = "PRIVATE_NETWORK", service = "private-network"),
    (name = "PATCHBAY_SECRET", fromEnvironment = "PATCHBAY_SECRET"),
    (name = "PATCHBAY_ADMIN_KEY", fromEnvironment = "PATCHBAY_ADMIN_KEY"),
    (name = "SHARD_COUNT", text = "${config.shards}"),
    (name = "BIND", text = "${isLoopback(config.host) ? "loopback" : "public"}"),
  ],
);
`;
}

function door(config: WorkerdConfig): string {
  if (!config.tls) return "http = ()";
  const key = `privateKey = embed ${text(fromFolder(config.dir, config.tls.keyPath))}`;
  const certificate = `certificateChain = embed ${text(fromFolder(config.dir, config.tls.certificatePath))}`;
  return `https = (options = (), tlsOptions = (keypair = (${key}, ${certificate})))`;
}

function innerDoor(config: WorkerdConfig): string {
  if (config.innerPort === undefined) return "";
  return `
    (name = "launcher", address = "127.0.0.1:${config.innerPort}", http = (), service = "main"),`;
}

/** `embed` reads paths from the folder of the config file, and takes no absolute ones. */
function fromFolder(dir: string, path: string): string {
  return isAbsolute(path) ? relative(dir, path).replaceAll("\\", "/") : path;
}

/** Cap'n Proto text literals escape as JSON's do. */
function text(value: string): string {
  return JSON.stringify(value);
}
