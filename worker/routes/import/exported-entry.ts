/** A server as a client's file names it, and as an import takes it again. What is as usual is left out. */
import { z } from "zod";
import { credentialName } from "../../../core/config/variable-name.ts";
import { limitSchema } from "../../../core/contract/limit.ts";
import { kinds, type ServerRecord } from "../../../core/contract/server.ts";
import { defaultMaxAnswerBytes, defaultTimeoutMs } from "../servers/record.ts";
import { withoutQuery } from "../servers/view.ts";

export const exportedEntrySchema = z
  .object({
    type: z.enum(["http", "sse"]).optional().describe("For clients; absent for what only a gateway can reach."),
    url: z.string().optional(),
    headers: z.record(z.string(), z.string()).optional().describe("Placeholders, never values."),
    kind: z.enum(kinds).optional().describe("As the operator said; absent: to be found out."),
    title: z.string().optional(),
    timeoutMs: z.int().optional(),
    maxAnswerBytes: z.int().optional(),
    maxInFlight: z.int().optional(),
    limit: limitSchema.required().optional(),
    allowPrivate: z.boolean().optional(),
    trusted: z.boolean().optional(),
    disabled: z.boolean().optional(),
  })
  .meta({ id: "ExportedServer" });

export type ExportedEntry = z.infer<typeof exportedEntrySchema>;

/** `${…}` for a credential of a server, not used by any other of the fleet. */
export type Placeholders = (server: string, credential: string) => string;

export function placeholders(): Placeholders {
  const used = new Set<string>();
  return (server, credential) => {
    const wanted = credentialName(server, credential);
    let name = wanted;
    for (let n = 2; used.has(name); n++) name = `${wanted}_${n}`;
    used.add(name);
    return `\${${name}}`;
  };
}

export function exportedEntry(record: ServerRecord, placeholder: Placeholders, queries: boolean): ExportedEntry {
  const {
    id,
    kind,
    title,
    headerNames,
    timeoutMs,
    maxAnswerBytes,
    maxInFlight,
    limit,
    allowPrivate,
    trusted,
    disabled,
  } = record;
  const headers = headerNames.map((name) => [name, placeholder(id, name)] as const);
  return {
    ...addressOf(record, placeholder, queries),
    ...(headers.length > 0 ? { headers: Object.fromEntries(headers) } : {}),
    // `type` says that it is sse, and nothing else for sure.
    ...(kind === undefined || kind === "sse" ? {} : { kind }),
    ...(title === undefined ? {} : { title }),
    ...(timeoutMs === defaultTimeoutMs ? {} : { timeoutMs }),
    ...(maxAnswerBytes === defaultMaxAnswerBytes ? {} : { maxAnswerBytes }),
    ...(maxInFlight === undefined ? {} : { maxInFlight }),
    ...(limit === undefined ? {} : { limit }),
    ...(allowPrivate ? { allowPrivate } : {}),
    ...(trusted ? { trusted } : {}),
    ...(disabled ? { disabled } : {}),
  };
}

/** Addresses carry keys in their query at times, so it is a placeholder as well unless it is asked for. */
function addressOf(
  { id, kind, url }: ServerRecord,
  placeholder: Placeholders,
  queries: boolean,
): Pick<ExportedEntry, "type" | "url"> {
  if (kind === "connector") return {};
  const bare = withoutQuery(url);
  // What looks like a placeholder in it must not be taken for one.
  const shown = queries || bare === url ? literal(url) : `${literal(bare)}${placeholder(id, "query")}`;
  return kind === "service" ? { url: shown } : { type: kind === "sse" ? "sse" : "http", url: shown };
}

function literal(url: string): string {
  return url.replaceAll("${", "$%7B");
}
