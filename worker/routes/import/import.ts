/** `POST /servers:import`: the configuration files that people already have. Every entry is accounted for. */
import { z } from "zod";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import { serverInputSchema, type ServerRecord } from "../../../core/contract/server.ts";
import type { Caller, House } from "../../house.ts";
import { askFleet, flat } from "../../objects.ts";
import { detailOf } from "../../render/detail.ts";
import { actorOf } from "../actor.ts";
import { endpoint } from "../endpoint.ts";
import { faultsOf } from "../faults.ts";
import { newRecord } from "../servers/record.ts";
import type { Remote } from "./entry.ts";
import { idFrom } from "./id.ts";
import { fileSchema, recognise, type Candidate } from "./recognise.ts";

const lineSchema = z
  .object({
    name: z.string().describe("As in the file."),
    id: z.string().optional().describe("The server's id here."),
    result: z.enum(["registered", "exists", "needs_secret", "needs_connector", "refused"]),
    reason: z.string().describe("Empty when there is nothing to say."),
    needs: z.array(z.string()).optional().describe("The secrets that are not in the file."),
  })
  .meta({ id: "ImportedEntry" });

type Line = z.infer<typeof lineSchema>;

export const importServers = endpoint({
  summary: "Import servers",
  description:
    "Takes `mcp.json`, `claude_desktop_config.json`, VS Code's `servers` and the registry's `server.json` as they are. " +
    "Every entry has a line in the answer, whatever became of it.",
  tag: "Servers",
  query: z.strictObject({
    allowPrivate: z.enum(["true", "false"]).optional().describe("Lets addresses be private, link-local or loopback."),
  }),
  body: fileSchema,
  answer: z
    .object({
      entries: z.array(lineSchema),
      ignored: z.array(z.string()).describe("Members of the file that were not read."),
    })
    .meta({ id: "Imported" }),
  example: {
    body: { mcpServers: { memory: { url: "https://memory.example.com/mcp" }, files: { command: "npx" } } },
    answer: {
      entries: [
        { name: "memory", id: "memory", result: "registered", reason: "" },
        {
          name: "files",
          result: "needs_connector",
          reason: "It is started by a command on some machine, so it needs a connector there.",
        },
      ],
      ignored: [],
    },
  },
  async handle({ house, caller, query, body }) {
    const file = recognise(body);
    if (!file.ok) return file;
    const taken = await takenIds(house);
    if (!taken.ok) return taken;
    const drafts: Draft[] = [];
    for (const candidate of file.value.candidates) {
      drafts.push(await draft(house, candidate, query.allowPrivate === "true", taken.value));
    }
    const lines = await register(house, caller, drafts);
    return lines.ok ? success({ entries: lines.value, ignored: [...file.value.ignored] }) : lines;
  },
});

/** A line of the answer, with the record to register when it comes to that. */
interface Draft {
  line: Line;
  readonly record?: ServerRecord;
}

/** Ids by lower case: the servers that are there, and the entries of this file so far. */
type Taken = Map<string, "there" | "file">;

async function draft(house: House, { name, read }: Candidate, allowPrivate: boolean, taken: Taken): Promise<Draft> {
  const shown = name.slice(0, 200);
  if (!read.ok) {
    const { result, reason, needs } = read.why;
    return { line: { name: shown, result, reason, ...(needs ? { needs: [...needs] } : {}) } };
  }
  const id = idFrom(name);
  if (id === "") return { line: { name: shown, result: "refused", reason: "Its name has nothing to make an id of." } };
  const reason = reasonOf(name, id, read.remote);
  const known = taken.get(id.toLowerCase());
  if (known === "there") return { line: { name: shown, id, result: "exists", reason } };
  if (known === "file") {
    return { line: { name: shown, id, result: "refused", reason: `Another entry of this file has the id "${id}".` } };
  }
  const record = await recordOf(house, id, name, read.remote, allowPrivate);
  if (!record.ok) {
    const detail = detailOf(record.failure).detail ?? record.failure.code;
    return { line: { name: shown, id, result: "refused", reason: detail } };
  }
  taken.set(id.toLowerCase(), "file");
  return { line: { name: shown, id, result: "registered", reason }, record: record.value };
}

function reasonOf(name: string, id: string, remote: Remote): string {
  const renamed = id === name ? [] : [`"${name.slice(0, 200)}" cannot be an id, so it is "${id}" here.`];
  return [...renamed, ...remote.notes].join(" ");
}

async function recordOf(
  house: House,
  id: string,
  name: string,
  { url, headers, title, disabled }: Remote,
  allowPrivate: boolean,
): Promise<Outcome<ServerRecord>> {
  const shownTitle = title ?? (id === name ? undefined : name.slice(0, 200));
  const input = serverInputSchema.safeParse({
    id,
    url,
    ...(shownTitle ? { title: shownTitle } : {}),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(disabled ? { disabled } : {}),
    ...(allowPrivate ? { allowPrivate } : {}),
  });
  if (input.success) return newRecord(house, input.data, Date.now());
  return { ok: false, failure: { code: "invalid_fields", fields: faultsOf(input.error, "/") } };
}

async function takenIds(house: House): Promise<Outcome<Taken>> {
  const taken: Taken = new Map();
  for (let after: string | undefined = ""; after !== undefined;) {
    const position: string = after;
    const page = await askFleet(house.env, (fleet) => fleet.servers(position, 1_000));
    if (!page.ok) return page;
    for (const { record } of page.value.items) taken.set(record.id.toLowerCase(), "there");
    after = page.value.next;
  }
  return success(taken);
}

/** All at once; an id that someone else took in the meantime is told as such, and the rest goes on. */
async function register(house: House, caller: Caller, drafts: readonly Draft[]): Promise<Outcome<Line[]>> {
  const actor = actorOf({ caller, house });
  let waiting = drafts.filter(({ record }) => record !== undefined);
  while (waiting.length > 0) {
    const records = waiting.flatMap(({ record }) => (record ? [record] : []));
    const registered = flat(await askFleet(house.env, (fleet) => fleet.registerServers(records, actor)));
    if (registered.ok) break;
    const { failure } = registered;
    const late = failure.code === "already_exists" ? failure.id.toLowerCase() : "";
    const lost = waiting.find(({ record }) => record?.id.toLowerCase() === late);
    if (!lost) return registered;
    lost.line = { ...lost.line, result: "exists" };
    waiting = waiting.filter((one) => one !== lost);
  }
  return success(drafts.map(({ line }) => line));
}
