/** The command line of `patchbay connect`. */
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { parseArgs } from "node:util";
import { badUsage } from "./complaint.ts";

export interface Options {
  readonly configPath: string;
  /** Without a trailing slash. */
  readonly gateway: string;
  readonly key: string;
  readonly name: string;
  readonly only?: readonly string[];
  readonly lazy: boolean;
  /** After how long without a call a lazy server ends. */
  readonly idleMs: number;
  readonly dryRun: boolean;
  readonly json: boolean;
}

export const helpText = `patchbay connect: run the MCP servers of a file here, and offer them to a gateway.

  npx patchbay connect [mcp.json] [options]

  mcp.json         Claude Desktop, Claude Code, Cursor or VS Code format      (mcp.json, .mcp.json)
  --gateway URL    the gateway                     (PATCHBAY_GATEWAY, or http://127.0.0.1:8787)
  --key KEY        an API key with the scope 'connector'                        (PATCHBAY_KEY)
  --name NAME      what this connector is called at the gateway                  (the host's name)
  --only a,b       these servers alone
  --lazy           start a server on its first call, end it when it has been idle
  --idle SECONDS   how long that is                                             (600)
  --dry-run        say what would be run, and run nothing
  --json           lines of JSON on stdout; the first says that everything is connected
  --help           this text

Nothing listens on this machine: the connector dials out. A server's own credentials stay here.
A gateway with a self-signed certificate: name the certificate's file in NODE_EXTRA_CA_CERTS.`;

const spec = {
  gateway: { type: "string" },
  key: { type: "string" },
  name: { type: "string" },
  only: { type: "string" },
  lazy: { type: "boolean", default: false },
  idle: { type: "string", default: "600" },
  "dry-run": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options | "help" {
  const { values, positionals } = parse(args);
  if (values.help) return "help";
  if (positionals.length > 1) throw badUsage("one file at a time");
  const key = values.key ?? environment["PATCHBAY_KEY"] ?? "";
  if (key === "" && !values["dry-run"]) {
    throw badUsage("an API key with the scope 'connector' is needed: --key, or PATCHBAY_KEY in the environment");
  }
  const only = values.only?.split(",").filter((id) => id !== "");
  return {
    configPath: positionals[0] ?? (existsSync("mcp.json") || !existsSync(".mcp.json") ? "mcp.json" : ".mcp.json"),
    gateway: gatewayUrl(values.gateway ?? environment["PATCHBAY_GATEWAY"] ?? "http://127.0.0.1:8787"),
    key,
    name: connectorName(values.name ?? hostname()),
    ...(only && { only }),
    lazy: values.lazy,
    idleMs: idleMs(values.idle),
    dryRun: values["dry-run"],
    json: values.json,
  };
}

function idleMs(text: string): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds > 0) return seconds * 1_000;
  throw badUsage(`--idle takes a number of seconds from 1 to 999999, not '${text}'`);
}

function gatewayUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw badUsage(`--gateway takes a URL, not '${text}'`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

/** One replica of each server bears it, so it has to read well in lists and paths. */
function connectorName(text: string): string {
  const name = text
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "")
    .slice(0, 64);
  if (name === "") throw badUsage("--name takes letters, digits, '.', '-' and '_', a letter or digit first");
  return name;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: spec, strict: true, allowPositionals: true });
  } catch (reason) {
    // Node adds advice for programmers after the first sentence.
    const sentence = String(reason instanceof Error ? reason.message : reason).split(/\.\s|\n/)[0] ?? "";
    throw badUsage(sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, ""));
  }
}
