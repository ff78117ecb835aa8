/** One entry of a client's file: Claude Desktop, Claude Code, Cursor, VS Code and those that do as they do; and ours. */
import { z } from "zod";
import { serverInputSchema } from "../contract/server.ts";
import { refused, type Reading } from "./entry.ts";
import { fillDollars, nests, type Filled, type Values } from "./placeholders.ts";
import { credentialName } from "./variable-name.ts";

const addressNames = ["url", "httpUrl", "serverUrl", "server_url", "baseUrl", "base_url"] as const;
const spoken: ReadonlySet<string> = new Set(["http", "streamable-http", "streamablehttp", "streamable_http", "sse"]);
const ownNames: ReadonlySet<string> = new Set(["id", "url", "kind", "title", "headers", "disabled"]);
/** What `POST /servers` takes beside; judged there. */
const settingNames = Object.keys(serverInputSchema.shape).filter((name) => !ownNames.has(name));
/** Read by either sort of entry. */
const common = ["id", "type", "transport", "kind", "title", "disabled", "enabled", ...settingNames];
const ofHttp: ReadonlySet<string> = new Set([...common, ...addressNames, "headers"]);
const ofStdio: ReadonlySet<string> = new Set([...common, "command", "args", "env", "cwd", "envFile", "lazy"]);

/** Numbers and booleans where text belongs are common, and clear. */
const word = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const entrySchema = z.looseObject({
  command: z.string().min(1).optional(),
  args: z.array(word).optional(),
  env: z.record(z.string(), word.nullable()).optional(),
  cwd: z.string().optional(),
  envFile: z.string().optional(),
  lazy: z.boolean().optional(),
  type: z.string().optional(),
  transport: z.string().optional(),
  kind: z.enum(["http", "sse", "service", "connector"]).optional(),
  // As `GET /servers` shows them: names without values.
  headers: z.union([z.record(z.string(), word), z.array(z.string())]).optional(),
  disabled: z.boolean().optional(),
  enabled: z.boolean().optional(),
  title: z.string().min(1).max(200).optional(),
});

type Entry = z.infer<typeof entrySchema>;

export function readClientEntry(id: string, given: unknown, values: Values): Reading {
  const parsed = entrySchema.safeParse(withoutNulls(given));
  if (!parsed.success) return refused(faultOf(parsed.error));
  const entry = parsed.data;
  const type = (entry.type ?? entry.transport ?? "http").toLowerCase();
  const address = addressNames.map((name) => entry[name]).find((one) => typeof one === "string" && one !== "");
  if (entry.command !== undefined && (type === "stdio" || address === undefined)) {
    return readStdio(entry, entry.command, values);
  }
  if (entry.kind === "connector") return { ...withoutCommand, ...told(entry, ofStdio) };
  if (typeof address !== "string") {
    return refused(`It has neither an address (${addressNames.join(", ")}) nor a command.`);
  }
  if (!spoken.has(type)) return refused(`The gateway does not speak "${type.slice(0, 40)}"; it speaks http and sse.`);
  return readHttp(id, entry, address, type, values);
}

const withoutCommand = {
  ...refused("It runs behind a connector, and its command is not in this file."),
  behindConnector: true,
} as const;

export function faultOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join(".") || "The entry"}: ${issue?.message ?? "is not understood"}.`;
}

function readStdio(entry: Entry, command: string, values: Values): Reading {
  const filler = fillWith(values);
  const env = Object.entries(entry.env ?? {}).flatMap(([name, one]) => (one === null ? [] : [[name, one] as const]));
  const reading = {
    is: "stdio",
    command: filler.fill(command),
    args: (entry.args ?? []).map(filler.fill),
    env: Object.fromEntries(env.map(([name, one]) => [name, filler.fill(one)])),
    ...(entry.cwd === undefined ? {} : { cwd: filler.fill(entry.cwd) }),
    ...(entry.envFile === undefined ? {} : { envFile: filler.fill(entry.envFile) }),
    ...(entry.lazy === undefined ? {} : { lazy: entry.lazy }),
    ...told(entry, ofStdio),
  } as const;
  if (filler.nested) return nestedPlaceholders;
  return { ...reading, needs: filler.needs, notes: [...reading.notes, ...bridgeNote(reading.args)] };
}

/** Many files hold it because their client takes commands only, which a gateway need not care about. */
function bridgeNote(args: readonly string[]): readonly string[] {
  const bridges = args.some((one, index) => /^mcp-remote(?:@|$)/.test(one) && /^https?:/.test(args[index + 1] ?? ""));
  return bridges
    ? ["It runs mcp-remote, which only passes on to an address: register that, and it needs no command."]
    : [];
}

function readHttp(id: string, entry: Entry, address: string, type: string, values: Values): Reading {
  const filler = fillWith(values);
  const kind = entry.kind ?? (type === "sse" ? type : undefined);
  const reading = {
    is: "http",
    url: filler.fill(address),
    headers: Object.fromEntries(headersOf(id, entry).map(([name, value]) => [name, filler.fill(value)])),
    // A bound Worker is known by its address.
    ...(kind === "http" || kind === "sse" ? { kind } : {}),
    ...told(entry, ofHttp),
  } as const;
  return filler.nested ? nestedPlaceholders : { ...reading, needs: filler.needs };
}

const nestedPlaceholders = refused("A placeholder stands within a placeholder, which is not read.");

function headersOf(id: string, { headers = {} }: Entry): (readonly [string, string])[] {
  if (!Array.isArray(headers)) return Object.entries(headers);
  return headers.map((name) => [name, `\${${credentialName(id, name)}}`] as const);
}

function told(entry: Entry, understood: ReadonlySet<string>) {
  const strange = Object.keys(entry).filter((name) => !understood.has(name));
  const settings = settingNames.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]] as const]));
  return {
    ...(entry.title === undefined ? {} : { title: entry.title }),
    disabled: entry.disabled === true || entry.enabled === false,
    settings: Object.fromEntries(settings),
    notes: strange.length > 0 ? [`Not taken over: ${strange.slice(0, 10).join(", ").slice(0, 200)}.`] : [],
  };
}

interface Filler {
  fill(this: void, text: string): string;
  readonly needs: readonly string[];
  readonly nested: boolean;
}

function fillWith(values: Values): Filler {
  const needs = new Set<string>();
  let nested = false;
  return {
    fill(text) {
      nested ||= !values.literal && nests(text);
      const filled: Filled = fillDollars(text, values);
      for (const name of filled.missing) needs.add(name);
      return filled.text;
    },
    get needs() {
      return [...needs];
    },
    get nested() {
      return nested;
    },
  };
}

/** `GET /servers` and some editors write null for what is not set. */
function withoutNulls(given: unknown): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}
