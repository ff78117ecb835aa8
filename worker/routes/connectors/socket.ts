/** `GET /connectors/socket`: a connector's WebSocket, handed to the shard that it asks for. */
import type { Context, Handler } from "hono";
import { z } from "zod";
import { keyHeader, tunnelHeader } from "../../../core/contract/connector.ts";
import { failure, type Outcome } from "../../../core/contract/outcome.ts";
import { shardName } from "../../../core/policies/placement.ts";
import { houseOf, type AppEnv } from "../../house.ts";
import { refreshShardMap } from "../../leases/shard-map.ts";
import { problem } from "../../render/problem.ts";
import { described } from "../endpoint.ts";
import { nearestShards } from "../shards.ts";

const querySchema = z.object({ shard: z.string().describe("The number of the shard.") });

export const openConnectorSocket: Handler<AppEnv> = described(
  async (c) => {
    const opened = await openSocket(c);
    if (!opened.ok) return problem(opened.failure, c.get("requestId"));
    // The headers of a socket's answer are the runtime's own.
    c.set("isDressed", true);
    return opened.value;
  },
  {
    summary: "Open a connector's socket",
    description:
      "A WebSocket, with the key in the `Authorization` header. What goes over it: docs/reference/connector-frames.md.",
    tag: "Connectors",
    query: querySchema,
    status: 101,
  },
);

async function openSocket(c: Context<AppEnv>): Promise<Outcome<Response>> {
  const house = houseOf(c);
  const asked = c.req.query("shard") ?? "";
  const map = await refreshShardMap(house);
  if (!map.ok) return map;
  const { shards } = map.value;
  const shard = shards.find((number) => String(number) === asked);
  if (shard === undefined)
    return failure({ code: "unknown_shard", shard: asked, nearest: nearestShards(asked, shards) });
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") return failure({ code: "upgrade_required" });
  const { SHARD } = house.env;
  const headers = { upgrade: "websocket", [keyHeader]: c.get("caller").principal.keyId };
  try {
    const answer = await SHARD.get(SHARD.idFromName(shardName(shard))).fetch("http://connector/socket", { headers });
    if (answer.headers.has(tunnelHeader)) return failure({ code: "overloaded", retryAfterMs: 10_000 });
    return { ok: true, value: answer };
  } catch (error) {
    console.error("shard does not let a connector in", shard, error);
    return failure({ code: "shard_unavailable", shard });
  }
}
