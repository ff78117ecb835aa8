/** The command line of `patchbay doctor`. */
import { parseArgs } from "node:util";
import { Complaint } from "../complaint.ts";

export interface DoctorOptions {
  readonly gateway: URL;
  /** Empty: only what is open to everyone is looked at. */
  readonly key: string;
  readonly json: boolean;
}

export const doctorHelp = `patchbay doctor: look at a gateway and its servers, and say what is wrong and how to mend it.

  npx patchbay doctor [options]

  --gateway URL    the gateway                     (PATCHBAY_GATEWAY, or http://127.0.0.1:8787)
  --key KEY        an API key; 'servers:read' and 'tools:list' let it see the most  (PATCHBAY_KEY)
  --json           one JSON object on stdout instead of lines
  --help           this text

Exit code: 0 when nothing has failed, 1 when something has, 2 for a command line that makes no sense.
It changes nothing, and sends the key only over a connection that can be trusted.`;

const spec = {
  gateway: { type: "string" },
  key: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

export function readDoctorOptions(args: readonly string[], environment: NodeJS.ProcessEnv): DoctorOptions | "help" {
  const values = parse(args);
  if (values.help) return "help";
  const text = values.gateway ?? environment["PATCHBAY_GATEWAY"] ?? "http://127.0.0.1:8787";
  const gateway = URL.parse(text);
  if (gateway === null || !/^https?:$/.test(gateway.protocol)) {
    throw badUsage(`--gateway takes a URL that starts with https:// or http://, not '${text}'`);
  }
  return { gateway, key: values.key ?? environment["PATCHBAY_KEY"] ?? "", json: values.json };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: spec, strict: true }).values;
  } catch (reason) {
    // Node adds advice for programmers after the first sentence.
    const sentence = String(reason instanceof Error ? reason.message : reason).split(/\.\s|\n/)[0] ?? "";
    throw badUsage(sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, ""));
  }
}

function badUsage(message: string): Complaint {
  return new Complaint(`${message} (patchbay doctor --help lists the options)`, 2);
}
