/** One entry of a configuration file, told apart: a server to register, or why it is none. */
import { z } from "zod";
import { fillDollars, type Values } from "./placeholders.ts";

export interface Remote {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly title?: string;
  readonly disabled: boolean;
  /** What of the entry was not taken over, in words. */
  readonly notes: readonly string[];
}

export interface NoServer {
  readonly result: "needs_secret" | "needs_connector" | "refused";
  readonly reason: string;
  readonly needs?: readonly string[];
}

export type Read = { readonly ok: true; readonly remote: Remote } | { readonly ok: false; readonly why: NoServer };

const addressNames = ["url", "httpUrl", "serverUrl", "server_url", "baseUrl", "base_url"] as const;
const understood: ReadonlySet<string> = new Set([
  ...addressNames,
  "type",
  "transport",
  "headers",
  "disabled",
  "enabled",
  "title",
]);
const spoken: ReadonlySet<string> = new Set(["http", "streamable-http", "streamablehttp", "streamable_http", "sse"]);

const entrySchema = z.looseObject({
  command: z.unknown().optional(),
  type: z.string().optional(),
  transport: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  disabled: z.boolean().optional(),
  enabled: z.boolean().optional(),
  title: z.string().min(1).max(200).optional(),
});

export function readEntry(value: unknown, inputs: Values): Read {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refused(`${issue?.path.join(".") || "The entry"}: ${issue?.message ?? "is not understood"}.`);
  }
  const entry = parsed.data;
  const address = addressNames.map((name) => entry[name]).find((one) => typeof one === "string" && one !== "");
  const type = (entry.type ?? entry.transport ?? "http").toLowerCase();
  if (typeof address !== "string") {
    if (entry.command !== undefined || type === "stdio") return { ok: false, why: needsConnector };
    return refused(`It has neither an address (${addressNames.join(", ")}) nor a command.`);
  }
  if (!spoken.has(type)) return refused(`The gateway does not speak "${type.slice(0, 40)}"; it speaks http and sse.`);
  return filled(address, entry, inputs);
}

function filled(address: string, entry: z.infer<typeof entrySchema>, inputs: Values): Read {
  const url = fillDollars(address, inputs);
  const headers = Object.entries(entry.headers ?? {}).map(([name, text]) => ({ name, ...fillDollars(text, inputs) }));
  const missing = [...new Set([...url.missing, ...headers.flatMap((header) => header.missing)])];
  if (missing.length > 0) return { ok: false, why: needsSecret(missing) };
  const strange = Object.keys(entry).filter((name) => !understood.has(name) && entry[name] !== undefined);
  return {
    ok: true,
    remote: {
      url: url.text,
      headers: Object.fromEntries(headers.map(({ name, text }) => [name, text])),
      ...(entry.title ? { title: entry.title } : {}),
      disabled: entry.disabled === true || entry.enabled === false,
      notes: strange.length > 0 ? [`Not taken over: ${strange.slice(0, 10).join(", ").slice(0, 200)}.`] : [],
    },
  };
}

const needsConnector: NoServer = {
  result: "needs_connector",
  reason: "It is started by a command on some machine, so it needs a connector there.",
};

export function needsSecret(missing: readonly string[]): NoServer {
  return {
    result: "needs_secret",
    reason: `It needs a secret that is not in the file: ${missing.join(", ").slice(0, 300)}. Write its value into the file and import again.`,
    needs: missing,
  };
}

export function refused(reason: string): Read {
  return { ok: false, why: { result: "refused", reason } };
}

export function connectorNeeded(): Read {
  return { ok: false, why: needsConnector };
}
