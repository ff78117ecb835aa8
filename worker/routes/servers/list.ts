/** `GET /servers`: every server by id, with how its shard says it is. */
import { z } from "zod";
import type { PlacedServer } from "../../../core/contract/fleet-rpc.ts";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import { serverStates } from "../../../core/contract/server.ts";
import type { Caller, House } from "../../house.ts";
import { askFleet } from "../../objects.ts";
import { openCursor, sealCursor } from "../cursor.ts";
import { endpoint } from "../endpoint.ts";
import { nextCursorSchema, pageQuery } from "../page-query.ts";
import { exampleServer } from "./example.ts";
import { askHealth } from "./health.ts";
import { serverSchema, viewServer, type ServerView } from "./view.ts";

/** A filter that few servers pass must not make one request read the whole fleet. */
const mostRead = 5_000;

const querySchema = z.strictObject({
  ...pageQuery,
  state: z.enum(serverStates).optional().describe("Only servers in this state."),
  shard: z.coerce.number().int().min(1).optional().describe("Only servers of this shard."),
  q: z.string().min(1).max(200).optional().describe("Only servers with this in their id or title."),
});

type Query = z.output<typeof querySchema>;

export const listServers = endpoint({
  summary: "List servers",
  tag: "Servers",
  query: querySchema,
  answer: z.object({ servers: z.array(serverSchema), nextCursor: nextCursorSchema }).meta({ id: "ServerList" }),
  example: { answer: { servers: [exampleServer] } },
  async handle({ house, caller, query }) {
    const of = { house, caller, list: "servers", query };
    const after = await openCursor(of, query.cursor, z.string());
    if (!after.ok) return after;
    const page = await read(house, caller, query, after.value ?? "");
    if (!page.ok) return page;
    const { servers, next } = page.value;
    return success({ servers, ...(next === undefined ? {} : { nextCursor: await sealCursor(of, next) }) });
  },
});

interface Page {
  readonly servers: ServerView[];
  /** The last id looked at, when there are more. */
  readonly next?: string;
}

async function read(house: House, caller: Caller, query: Query, start: string): Promise<Outcome<Page>> {
  const servers: ServerView[] = [];
  const plain = query.state === undefined && query.shard === undefined && query.q === undefined;
  let after = start;
  for (let seen = 0; seen < mostRead;) {
    const position = after;
    const page = await askFleet(house.env, (fleet) => fleet.servers(position, plain ? query.limit : 1_000));
    if (!page.ok) return page;
    const { items, next } = page.value;
    const wanted = items.filter((server) => fits(server, query));
    const healthOf = await askHealth(house, wanted);
    for (const server of wanted) {
      const view = viewServer(server, healthOf(server), caller);
      if (query.state !== undefined && view.state !== query.state) continue;
      servers.push(view);
      if (servers.length < query.limit) continue;
      const last = items.at(-1)?.record.id === view.id;
      return success(last && next === undefined ? { servers } : { servers, next: view.id });
    }
    if (next === undefined) return success({ servers });
    after = next;
    seen += items.length;
  }
  return success({ servers, next: after });
}

function fits({ record, shard }: PlacedServer, { shard: wanted, q }: Query): boolean {
  if (wanted !== undefined && shard !== wanted) return false;
  const word = q?.toLowerCase();
  return word === undefined || record.id.toLowerCase().includes(word) || !!record.title?.toLowerCase().includes(word);
}
