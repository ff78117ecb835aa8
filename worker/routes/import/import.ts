/** `POST /servers:import`: the configuration files that people already have. Every entry is accounted for. */
import { z } from "zod";
import { configFileSchema } from "../../../core/config/document.ts";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import type { Caller, House } from "../../house.ts";
import { askFleet, flat } from "../../objects.ts";
import { actorOf } from "../actor.ts";
import { endpoint } from "../endpoint.ts";
import { draft, lineSchema, type Draft, type Line } from "./draft.ts";
import { everyServer } from "./every-server.ts";
import { readFile } from "./read-file.ts";

const flag = z.enum(["true", "false"]).optional();

export const importServers = endpoint({
  summary: "Import servers",
  description:
    "Takes the files of Claude Desktop, Claude Code, Cursor (`mcpServers`) and VS Code (`servers` and `inputs`), the " +
    "registry's `server.json`, and what `GET /servers:export` gives, as they are: comments and trailing commas " +
    "included. Every entry has a line in the answer, whatever became of it: `registered`; `exists`; `needs_secret`, " +
    "and which; `needs_connector`, since a command starts it; or `refused`, and why. An entry is taken as a whole or " +
    "not at all; a name that cannot be an id is changed, and that is told.",
  tag: "Servers",
  query: z.strictObject({
    allowPrivate: flag.describe("Lets addresses be private, link-local or loopback."),
    withConnector: flag.describe("Registers servers that a command starts, too, as kind `connector`."),
    literal: flag.describe("Takes every `${…}` as it stands: the values have been put in already."),
  }),
  body: configFileSchema,
  readsBody: true,
  answer: z
    .object({
      entries: z.array(lineSchema),
      ignored: z.array(z.string()).describe("Members of the file that were not read."),
    })
    .meta({ id: "Imported" }),
  example: {
    body: {
      mcpServers: {
        memory: { url: "https://memory.example.com/mcp" },
        github: { url: "https://github.example.com/mcp", headers: { Authorization: "Bearer ${GITHUB_TOKEN}" } },
      },
    },
    answer: {
      entries: [
        { name: "memory", id: "memory", result: "registered", reason: "" },
        {
          name: "github",
          id: "github",
          result: "needs_secret",
          reason:
            "It needs a secret that is not in the file: GITHUB_TOKEN. Write its value into the file and import again.",
          needs: ["GITHUB_TOKEN"],
        },
      ],
      ignored: [],
    },
  },
  async handle({ house, caller, query, request }) {
    const file = await readFile(request, query.literal === "true");
    if (!file.ok) return file;
    const taken = await takenIds(house);
    if (!taken.ok) return taken;
    const wishes = { allowPrivate: query.allowPrivate === "true", withConnector: query.withConnector === "true" };
    const drafts: Draft[] = [];
    for (const entry of file.value.entries) drafts.push(await draft(house, entry, wishes, taken.value));
    const lines = await register(house, caller, drafts);
    return lines.ok ? success({ entries: lines.value, ignored: [...file.value.ignored] }) : lines;
  },
});

async function takenIds(house: House): Promise<Outcome<ReadonlySet<string>>> {
  const servers = await everyServer(house);
  return servers.ok ? success(new Set(servers.value.map(({ record }) => record.id.toLowerCase()))) : servers;
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
