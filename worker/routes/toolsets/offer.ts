/** `GET /toolsets/{id}/tools`: what the toolset would show to the caller's own key, and what it leaves out and why. */
import { z } from "zod";
import type { ListedTool } from "../../../core/contract/catalog.ts";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import type { ProxyShardRpc } from "../../../core/contract/shard-rpc.ts";
import type { Toolset } from "../../../core/contract/toolset.ts";
import { viewOf } from "../../../core/policies/toolset-view.ts";
import { definedName } from "../../../core/protocol/redefine.ts";
import type { Caller, House } from "../../house.ts";
import { askFleet, flat } from "../../objects.ts";
import { openCursor, sealCursor } from "../cursor.ts";
import { endpoint } from "../endpoint.ts";
import { askEveryShard } from "../every-shard.ts";
import { nextCursorSchema, pageQuery } from "../page-query.ts";
import { offerText, type Listed } from "./offer-text.ts";
import { toolsetPath } from "./path.ts";

const perAsk = 1_000;
/** Names depend on all tools, so all are read; what a fleet may have beyond this is not previewed. */
const mostPerShard = 10_000;

const offeredSchema = z
  .looseObject({
    name: z.string().describe("The name that clients see and call."),
    server: z.string(),
    tool: z.string().describe("The server's own name for it."),
    title: z.string().optional(),
    description: z.string().optional(),
    inputSchema: z.looseObject({}).describe("Without the arguments that are fixed or hidden."),
    stale: z.literal(true).optional().describe("The server cannot be asked at present; this may be out of date."),
  })
  .meta({ id: "OfferedTool" });

export const previewToolset = endpoint({
  summary: "Preview a toolset",
  description:
    "The tools that the toolset offers to a key like yours, under the names and words that clients see. `conflicts` are " +
    "left out because another tool has the name; `unused` points to what fits no tool at present.",
  tag: "Toolsets",
  params: toolsetPath,
  query: z.strictObject(pageQuery),
  answer: z
    .object({
      tools: z.array(offeredSchema),
      conflicts: z.array(
        z.object({
          name: z.string(),
          server: z.string(),
          tool: z.string(),
          takenBy: z.string().describe("Qualified name of the tool that has the name."),
        }),
      ),
      unused: z.array(z.string()).describe("JSON pointers (RFC 6901) into the toolset."),
      nextCursor: nextCursorSchema,
      incomplete: z.array(z.string()).optional().describe("Shards of which not everything is known."),
    })
    .meta({ id: "ToolsetPreview" }),
  example: {
    answer: {
      tools: [
        {
          name: "search_web",
          server: "search",
          tool: "query",
          description: "Searches the web.",
          inputSchema: { type: "object", properties: { text: { type: "string" } } },
        },
      ],
      conflicts: [],
      unused: [],
    },
  },
  async handle({ house, caller, params, query }) {
    const of = { house, caller, list: `toolsets/${params.id}`, query };
    const after = await openCursor(of, query.cursor, z.string());
    if (!after.ok) return after;
    const toolset = flat(await askFleet(house.env, (fleet) => fleet.toolset(params.id)));
    if (!toolset.ok) return toolset;
    const read = await readTools(house, caller, toolset.value);
    if (!read.ok) return read;
    const { tools, incomplete } = read.value;
    const { offered, conflicts, unused } = viewOf(toolset.value, tools);
    const rest = offered.filter(({ name }) => name > (after.value ?? ""));
    const page = rest.slice(0, query.limit);
    const last = page.at(-1);
    const nextCursor = last && rest.length > page.length ? await sealCursor(of, last.name) : undefined;
    const text = offerText(page, { conflicts, unused, nextCursor, incomplete });
    return success(new Response(text, { headers: { "content-type": "application/json" } }));
  },
});

interface Read {
  readonly tools: readonly Listed[];
  /** Shards that did not tell all. */
  readonly incomplete: readonly string[] | undefined;
}

async function readTools(house: House, caller: Caller, toolset: Toolset): Promise<Outcome<Read>> {
  const allow = caller.principal.tools ?? toolset.tools?.allow ?? toolset.servers?.map((id) => `${id}__*`);
  const asked = await askEveryShard(house, (shard) => readShard(shard, allow));
  if (!asked.ok) return asked;
  const answers = asked.value.answers.map(({ shard, answer }) => ({ shard, answer: flat(answer) }));
  const lacking = answers.filter(({ answer }) => !answer.ok || answer.value.length >= mostPerShard);
  return success({
    tools: answers.flatMap(({ answer }) => (answer.ok ? answer.value : [])).map(toListed),
    incomplete: lacking.length === 0 ? undefined : lacking.map(({ shard }) => `shard ${shard}`),
  });
}

function toListed({ server, definition, stale }: ListedTool): Listed {
  return { server, tool: definedName(definition), definition, stale };
}

async function readShard(shard: ProxyShardRpc, allow: readonly string[] | undefined): Promise<Outcome<ListedTool[]>> {
  const tools: ListedTool[] = [];
  while (tools.length < mostPerShard) {
    const last = tools.at(-1);
    const page = await shard.tools({
      ...(allow === undefined ? {} : { allow }),
      ...(last === undefined ? {} : { after: { rank: last.rank, name: last.name } }),
      limit: perAsk,
    });
    if (!page.ok) return page;
    tools.push(...page.value);
    if (page.value.length < perAsk) break;
  }
  return success(tools);
}
