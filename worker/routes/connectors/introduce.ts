/** `POST /connectors`: what a connector asks for before it dials. Its servers are registered; it learns where to dial. */
import { z } from "zod";
import { connectorInputSchema } from "../../../core/contract/connector.ts";
import type { Failure } from "../../../core/contract/failure.ts";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import type { ServerRecord } from "../../../core/contract/server.ts";
import { ownerOf } from "../../../core/policies/placement.ts";
import type { Caller, House } from "../../house.ts";
import { refreshShardMap } from "../../leases/shard-map.ts";
import { askFleet, flat } from "../../objects.ts";
import { detailOf } from "../../render/detail.ts";
import { pages } from "../../render/pages/index.ts";
import { actorOf } from "../actor.ts";
import { endpoint } from "../endpoint.ts";
import { newRecord } from "../servers/record.ts";

const lineSchema = z
  .object({
    id: z.string(),
    shard: z.int().nullable().describe("The shard that owns it; null when it was refused."),
    status: z.enum(["registered", "known", "refused"]),
    problem: z.object({ code: z.string(), detail: z.string() }).optional().describe("Why it was refused."),
  })
  .meta({ id: "ConnectorServer" });

type Line = z.infer<typeof lineSchema>;
type Wish = z.infer<typeof connectorInputSchema>["servers"][number];

export const introduceConnector = endpoint({
  summary: "Introduce a connector",
  description:
    "Registers the servers that are not there yet, as servers of kind `connector`, and says which shards there are. The " +
    "connector then opens one WebSocket to each: `GET /connectors/socket?shard=1`.",
  tag: "Connectors",
  body: connectorInputSchema,
  answer: z
    .object({
      name: z.string(),
      shards: z.array(z.int()).describe("To each of these it opens a socket."),
      revision: z.int().describe("Of the shard map."),
      servers: z.array(lineSchema),
    })
    .meta({ id: "ConnectorWelcome" }),
  example: {
    body: { name: "laptop", servers: [{ id: "memory" }] },
    answer: {
      name: "laptop",
      shards: [1, 2, 3],
      revision: 7,
      servers: [{ id: "memory", shard: 2, status: "registered" }],
    },
  },
  async handle({ house, caller, body }) {
    const known = await knownServers(house);
    if (!known.ok) return known;
    const lines = await registerMissing(house, caller, body.servers, known.value);
    if (!lines.ok) return lines;
    const map = await refreshShardMap(house);
    if (!map.ok) return map;
    const { shards, revision } = map.value;
    const servers = lines.value.map((line) => {
      return { ...line, shard: line.status === "refused" ? null : ownerOf(map.value, line.id) };
    });
    return success({ name: body.name, shards: [...shards], revision, servers });
  },
});

/** By lower case, since ids that differ in nothing else are taken for one. */
type Known = Map<string, ServerRecord>;

async function knownServers(house: House): Promise<Outcome<Known>> {
  const known: Known = new Map();
  for (let after: string | undefined = ""; after !== undefined;) {
    const position: string = after;
    const page = await askFleet(house.env, (fleet) => fleet.servers(position, 1_000));
    if (!page.ok) return page;
    for (const { record } of page.value.items) known.set(record.id.toLowerCase(), record);
    after = page.value.next;
  }
  return success(known);
}

async function registerMissing(
  house: House,
  caller: Caller,
  wishes: readonly Wish[],
  known: Known,
): Promise<Outcome<Line[]>> {
  const lines = new Map<string, Line>();
  const missing: ServerRecord[] = [];
  for (const wish of wishes) {
    const name = wish.id.toLowerCase();
    if (lines.has(name)) continue;
    const there = known.get(name);
    const record = there ? success(there) : await newRecord(house, { ...wish, kind: "connector" }, Date.now());
    if (record.ok && !there) missing.push(record.value);
    lines.set(name, lineOf(wish.id, there, record));
  }
  for (let left = missing; left.length > 0;) {
    const registered = flat(
      await askFleet(house.env, (fleet) => fleet.registerServers(left, actorOf({ caller, house }))),
    );
    if (registered.ok) break;
    const { failure } = registered;
    if (failure.code !== "already_exists") return registered;
    // Somebody has registered it meanwhile: another connector, as a rule. The shard refuses it if it is another kind.
    const taken = failure.id.toLowerCase();
    if (!left.some(({ id }) => id.toLowerCase() === taken)) return registered;
    lines.set(taken, { id: failure.id, shard: null, status: "known" });
    left = left.filter(({ id }) => id.toLowerCase() !== taken);
  }
  return success([...lines.values()]);
}

function lineOf(id: string, there: ServerRecord | undefined, record: Outcome<ServerRecord>): Line {
  if (!record.ok) return refused(id, record.failure);
  if (there === undefined) return { id, shard: null, status: "registered" };
  if (there.kind === "connector" && there.id === id) return { id, shard: null, status: "known" };
  const what = there.id === id ? `of kind ${there.kind ?? "http"}` : `called "${there.id}"`;
  return refused(id, { code: "conflict", detail: `There is a server ${what} already.` });
}

function refused(id: string, failure: Failure): Line {
  const detail = detailOf(failure).detail ?? pages[failure.code].meaning;
  return { id, shard: null, status: "refused", problem: { code: failure.code, detail } };
}
