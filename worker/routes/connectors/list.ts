/** `GET /connectors`: who is connected, and what each offers. */
import { z } from "zod";
import { offeredStates } from "../../../core/contract/connector-frames.ts";
import type { ConnectedConnector } from "../../../core/contract/connector.ts";
import { success } from "../../../core/contract/outcome.ts";
import { endpoint } from "../endpoint.ts";
import { askEveryShard } from "../every-shard.ts";
import { instant, instantSchema } from "../instant.ts";

const connectorSchema = z
  .object({
    name: z.string(),
    version: z.string(),
    since: instantSchema.describe("Since when it is connected."),
    shards: z.array(z.int()).describe("The shards that it holds a socket to."),
    exchanges: z.int().describe("Requests under way with its servers."),
    servers: z.array(
      z.object({
        id: z.string(),
        state: z.enum(offeredStates).describe("`idle`: it is started when it is called."),
        reason: z.string().describe("Empty when all is well."),
        since: instantSchema.describe("By the connector's clock."),
      }),
    ),
  })
  .meta({ id: "Connector" });

type View = z.infer<typeof connectorSchema>;

export const listConnectors = endpoint({
  summary: "List connectors",
  description: "Those that hold a socket to at least one shard now. A shard that does not answer is left out.",
  tag: "Connectors",
  answer: z.object({ connectors: z.array(connectorSchema) }).meta({ id: "ConnectorList" }),
  example: {
    answer: {
      connectors: [
        {
          name: "laptop",
          version: "0.1.0",
          since: "2026-10-23T09:00:00.000Z",
          shards: [1, 2, 3],
          exchanges: 0,
          servers: [{ id: "memory", state: "ready", reason: "", since: "2026-10-23T09:00:01.000Z" }],
        },
      ],
    },
  },
  async handle({ house }) {
    const asked = await askEveryShard(house, (shard) => shard.connectors());
    if (!asked.ok) return asked;
    const found = asked.value.answers.flatMap(({ shard, answer }) => {
      return answer.ok ? answer.value.map((connector) => ({ shard, connector })) : [];
    });
    const byName = Map.groupBy(found, ({ connector }) => connector.name);
    return success({ connectors: [...byName.values()].map(viewOf).toSorted((a, b) => (a.name < b.name ? -1 : 1)) });
  },
});

/** The same one, as several shards see it. */
function viewOf(sockets: readonly { readonly shard: number; readonly connector: ConnectedConnector }[]): View {
  const connectors = sockets.map(({ connector }) => connector);
  const servers = new Map(connectors.flatMap((one) => one.servers.map((server) => [server.id, server] as const)));
  return {
    name: connectors[0]?.name ?? "",
    version: connectors[0]?.version ?? "",
    since: instant(Math.min(...connectors.map(({ connectedAt }) => connectedAt))),
    shards: sockets.map(({ shard }) => shard).toSorted((a, b) => a - b),
    exchanges: connectors.reduce((sum, { exchanges }) => sum + exchanges, 0),
    servers: [...servers.values()]
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, state, reason, since }) => ({ id, state, reason, since: instant(since) })),
  };
}
