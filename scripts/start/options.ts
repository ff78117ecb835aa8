/** The command line of `npm start`. */
import { parseArgs } from "node:util";
import { badUsage } from "./complaint.ts";

export interface Options {
  readonly port: number;
  readonly host: string;
  readonly https: boolean;
  readonly certPath?: string;
  readonly keyPath?: string;
  readonly dataDir: string;
  readonly shards?: number;
  readonly configPath?: string;
  readonly json: boolean;
  readonly examples: boolean;
}

export const mostShards = 64;

export const helpText = `Patchbay: one HTTPS endpoint for every MCP server you run.

  npm start -- [options]

  --port N         port to listen on; 0 picks a free one        (8787)
  --host HOST      address to listen on                         (127.0.0.1)
  --https          serve HTTPS, with a self-signed certificate unless you give yours:
  --cert FILE      certificate chain, PEM                       (implies --https)
  --key FILE       its private key, PEM
  --data DIR       where everything is kept                     (.patchbay)
  --shards N       number of shards, 1 to ${mostShards}                    (3, or what the data folder has)
  --config FILE    bring the servers of an mcp.json, claude_desktop_config.json, VS Code file or server.json;
                   those that a command starts are run here
  --no-examples    do not start the example servers
  --json           print one line of JSON when ready, everything else goes to stderr
  --help           this text

Environment: PATCHBAY_ADMIN_KEY, an admin key of your own for this start (32 characters or more).
Docs: docs/start.md`;

const spec = {
  port: { type: "string", default: "8787" },
  host: { type: "string", default: "127.0.0.1" },
  https: { type: "boolean", default: false },
  cert: { type: "string" },
  key: { type: "string" },
  data: { type: "string", default: ".patchbay" },
  shards: { type: "string" },
  config: { type: "string" },
  json: { type: "boolean", default: false },
  "no-examples": { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

export function readOptions(args: readonly string[]): Options | "help" {
  const values = parse(args);
  if (values.help) return "help";
  if ((values.cert === undefined) !== (values.key === undefined)) {
    throw badUsage("--cert and --key go together: give both, or neither for a self-signed certificate");
  }
  for (const name of ["host", "data", "config", "cert", "key"] as const) {
    if (values[name] === "") throw badUsage(`--${name} needs a value`);
  }
  if (!/^[A-Za-z0-9.:_-]+$/.test(values.host))
    throw badUsage(`--host takes a name or an address, not '${values.host}'`);
  return {
    port: whole("--port", values.port, 0, 65_535),
    host: values.host,
    https: values.https || values.cert !== undefined,
    ...(values.cert !== undefined && { certPath: values.cert }),
    ...(values.key !== undefined && { keyPath: values.key }),
    dataDir: values.data,
    ...(values.shards !== undefined && { shards: whole("--shards", values.shards, 1, mostShards) }),
    ...(values.config !== undefined && { configPath: values.config }),
    json: values.json,
    examples: !values["no-examples"] && values.config === undefined,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: spec, strict: true, allowPositionals: false }).values;
  } catch (reason) {
    // Node adds advice for programmers after the first sentence.
    const sentence = String(reason instanceof Error ? reason.message : reason).split(/\.\s|\n/)[0] ?? "";
    throw badUsage(sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, ""));
  }
}

function whole(option: string, text: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw badUsage(`${option} takes a whole number from ${least} to ${most}, not '${text}'`);
}
