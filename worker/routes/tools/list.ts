/** `GET /tools`: every tool that the key may use, merged from all shards in one order. */
import { z } from "zod";
import type { ListedTool, ToolQuery } from "../../../core/contract/catalog.ts";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import { nearest } from "../../../core/policies/names.ts";
import { ownerOf } from "../../../core/policies/placement.ts";
import type { Caller, House } from "../../house.ts";
import { askOwner } from "../../leases/ask-owner.ts";
import { flat } from "../../objects.ts";
import { serverNames } from "../../relay/suggest.ts";
import { openCursor, sealCursor } from "../cursor.ts";
import { endpoint } from "../endpoint.ts";
import { askEveryShard } from "../every-shard.ts";
import { nextCursorSchema, pageQuery } from "../page-query.ts";
import { listingOf } from "./listing.ts";

const toolSchema = z
  .looseObject({
    name: z.string().describe("The qualified name, to be used in `POST /call`."),
    server: z.string(),
    title: z.string().optional(),
    description: z.string().optional(),
    inputSchema: z.looseObject({}).describe("A JSON Schema, as the server gives it."),
    stale: z.literal(true).optional().describe("The server cannot be asked at present; this may be out of date."),
  })
  .describe("The server's own definition, untouched but for its name.")
  .meta({ id: "Tool" });

const place = z.object({ rank: z.number(), name: z.string() });

export const listTools = endpoint({
  summary: "List tools",
  description:
    "By name, or by relevance when `q` is given. A server that is down neither delays nor fails the list: what is known " +
    "of it is marked `stale`. A shard that does not answer is named in `incomplete`.",
  tag: "Tools",
  query: z.strictObject({
    ...pageQuery,
    server: z.string().min(1).max(64).optional().describe("Only the tools of this server."),
    q: z.string().min(1).max(200).optional().describe("Full-text search in names, titles and descriptions."),
  }),
  answer: z
    .object({ tools: z.array(toolSchema), nextCursor: nextCursorSchema, incomplete: z.array(z.string()).optional() })
    .meta({ id: "ToolList" }),
  example: {
    answer: {
      tools: [
        {
          name: "memory__read_graph",
          server: "memory",
          description: "Read the entire knowledge graph",
          inputSchema: { type: "object", properties: {} },
        },
      ],
    },
  },
  async handle({ house, caller, query }) {
    const of = { house, caller, list: "tools", query };
    const after = await openCursor(of, query.cursor, place);
    if (!after.ok) return after;
    const { q, server, limit } = query;
    const found = await find(house, caller, {
      ...(q === undefined ? {} : { q }),
      ...(server === undefined ? {} : { server }),
      ...(caller.principal.tools === undefined ? {} : { allow: caller.principal.tools }),
      ...(after.value === undefined ? {} : { after: after.value }),
      limit: limit + 1,
    });
    if (!found.ok) return found;
    const { tools, silent } = found.value;
    const page = tools.toSorted(byPlace).slice(0, limit);
    const last = page.at(-1);
    const next = last && tools.length > limit ? await sealCursor(of, { rank: last.rank, name: last.name }) : undefined;
    return success(new Response(listingOf(page, next, silent), { headers: { "content-type": "application/json" } }));
  },
});

interface Found {
  readonly tools: readonly ListedTool[];
  readonly silent: readonly string[];
}

async function find(house: House, caller: Caller, query: ToolQuery): Promise<Outcome<Found>> {
  if (query.server !== undefined) return findOfServer(house, caller, query, query.server);
  const asked = await askEveryShard(house, (shard) => shard.tools(query));
  if (!asked.ok) return asked;
  const answers = asked.value.answers.map(({ shard, answer }) => ({ shard, answer: flat(answer) }));
  return success({
    tools: answers.flatMap(({ answer }) => (answer.ok ? answer.value : [])),
    silent: answers.flatMap(({ shard, answer }) => (answer.ok ? [] : [`shard ${shard}`])),
  });
}

async function findOfServer(house: House, caller: Caller, query: ToolQuery, server: string): Promise<Outcome<Found>> {
  const owned = await askOwner(
    house,
    (map) => ownerOf(map, server),
    (shard) => shard.tools(query),
  );
  if (owned.ok) return success({ tools: owned.value.value, silent: [] });
  if (owned.failure.code !== "unknown_server") return owned;
  // For a key with tools of its own, a server that it may not use and one that is not there look the same.
  if (caller.principal.tools !== undefined) return success({ tools: [], silent: [] });
  return { ok: false, failure: { ...owned.failure, nearest: nearest(server, await serverNames(house)) } };
}

/** Code units, as the shards sort. */
function byPlace(a: ListedTool, b: ListedTool): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
