/** What becomes of one entry of a configuration file: a line for the answer, and a record when it is to be registered. */
import { z } from "zod";
import type { ConfigEntry, StdioEntry } from "../../../core/config/entry.ts";
import type { Outcome } from "../../../core/contract/outcome.ts";
import { serverInputSchema, type ServerRecord } from "../../../core/contract/server.ts";
import type { House } from "../../house.ts";
import { detailOf } from "../../render/detail.ts";
import { faultsOf } from "../faults.ts";
import { newRecord } from "../servers/record.ts";

export const lineSchema = z
  .object({
    name: z.string().describe("As in the file."),
    id: z.string().describe("The server's id here."),
    result: z.enum(["registered", "exists", "needs_secret", "needs_connector", "refused"]),
    reason: z.string().describe("Empty when there is nothing to say."),
    needs: z.array(z.string()).optional().describe("Secrets and variables that are not in the file."),
  })
  .meta({ id: "ImportedEntry" });

export type Line = z.infer<typeof lineSchema>;

export interface Draft {
  line: Line;
  readonly record?: ServerRecord;
}

export interface Wishes {
  readonly allowPrivate: boolean;
  /** Register what is started by a command, too: it waits for a connector. */
  readonly withConnector: boolean;
}

type Verdict = Pick<Line, "result" | "reason"> & { readonly record?: ServerRecord };

/** `taken` holds the ids that are registered already, in lower case. */
export async function draft(
  house: House,
  entry: ConfigEntry,
  wishes: Wishes,
  taken: ReadonlySet<string>,
): Promise<Draft> {
  const { result, reason, record } = await judge(house, entry, wishes, taken);
  const words = [reason, ...entry.notes].filter((sentence) => sentence !== "").join(" ");
  const line = {
    name: entry.name.slice(0, 200),
    id: entry.id,
    result,
    reason: words,
    ...(entry.needs.length > 0 ? { needs: [...entry.needs] } : {}),
  };
  return { line, ...(record ? { record } : {}) };
}

async function judge(house: House, entry: ConfigEntry, wishes: Wishes, taken: ReadonlySet<string>): Promise<Verdict> {
  if (entry.is === "refused" && !entry.behindConnector) return { result: "refused", reason: entry.reason };
  if (taken.has(entry.id.toLowerCase())) return { result: "exists", reason: "" };
  if (entry.is === "http") return entry.needs.length > 0 ? needsSecret(entry.needs) : await made(house, entry, wishes);
  if (entry.is === "stdio" && !wishes.withConnector) return needsConnector(entry);
  const verdict = await made(house, entry, wishes);
  return verdict.result === "registered" ? { ...verdict, reason: waits } : verdict;
}

const waits = "It waits for a connector that offers it: run `npx patchbay connect` with its file where its command is.";

function needsSecret(needs: readonly string[]): Verdict {
  const names = needs.join(", ").slice(0, 300);
  return {
    result: "needs_secret",
    reason: `It needs a secret that is not in the file: ${names}. Write its value into the file and import again.`,
  };
}

function needsConnector({ needs }: StdioEntry): Verdict {
  const more = needs.length > 0 ? ` It needs there: ${needs.join(", ").slice(0, 300)}.` : "";
  return {
    result: "needs_connector",
    reason:
      "It is started by a command on some machine, so it needs a connector there: run `npx patchbay connect` with " +
      `this file.${more}`,
  };
}

async function made(house: House, entry: ConfigEntry, { allowPrivate }: Wishes): Promise<Verdict> {
  const record = await recordOf(house, entry, allowPrivate);
  if (record.ok) return { result: "registered", reason: "", record: record.value };
  return { result: "refused", reason: detailOf(record.failure).detail ?? record.failure.code };
}

async function recordOf(house: House, entry: ConfigEntry, allowPrivate: boolean): Promise<Outcome<ServerRecord>> {
  const input = serverInputSchema.safeParse({
    id: entry.id,
    ...(entry.is === "http" ? { url: entry.url, ...headersOf(entry.headers) } : { kind: "connector" }),
    ...(entry.is === "http" && entry.kind ? { kind: entry.kind } : {}),
    ...(entry.title ? { title: entry.title } : {}),
    ...entry.settings,
    ...(entry.disabled ? { disabled: true } : {}),
    ...(allowPrivate ? { allowPrivate } : {}),
  });
  if (input.success) return newRecord(house, input.data, Date.now());
  return { ok: false, failure: { code: "invalid_fields", fields: faultsOf(input.error, "/") } };
}

function headersOf(headers: Readonly<Record<string, string>>): { headers?: typeof headers } {
  return Object.keys(headers).length > 0 ? { headers } : {};
}
