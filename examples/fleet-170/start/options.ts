/** The command line of `npm run example:fleet-170`. */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { badUsage } from "../../../scripts/start/complaint.ts";
import { folder } from "./description.ts";

export interface Options {
  readonly port: string;
  readonly dataDir: string;
  /** So many servers of each connector, instead of all. */
  readonly each?: number;
  readonly lazy: boolean;
  readonly idle: string;
  readonly json: boolean;
}

export const helpText = `The report's fleet, rebuilt: a gateway with three shards, three connectors, 170 servers.

  npm run example:fleet-170 -- [options]

  --port N     the gateway's port; 0 picks a free one            (8787)
  --data DIR   where everything is kept                          (examples/fleet-170/.patchbay)
  --lazy       a server's program ends when nobody has called it for a while, and starts again when somebody does
  --idle N     how long that while is, in seconds                (600)
  --each N     the first N servers of each connector, instead of all
  --json       one line of JSON when ready: url, key, total, ready, shards; all else goes to stderr
  --help       this text`;

const spec = {
  port: { type: "string", default: "8787" },
  data: { type: "string", default: join(folder, ".patchbay") },
  each: { type: "string" },
  lazy: { type: "boolean", default: false },
  idle: { type: "string", default: "600" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

export function readOptions(args: readonly string[]): Options | "help" {
  const { help, each, data, ...values } = parse(args);
  if (help) return "help";
  if (each !== undefined && !/^[1-9]\d{0,3}$/.test(each)) throw badUsage(`--each takes a number, not '${each}'`);
  return { ...values, dataDir: resolve(data), ...(each !== undefined && { each: Number(each) }) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: spec, strict: true, allowPositionals: false }).values;
  } catch (reason) {
    throw badUsage(String(reason instanceof Error ? reason.message : reason).split(/\.\s|\n/)[0] ?? "");
  }
}
