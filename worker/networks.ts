/** The networks of a Worker: the platform's, and the sockets that connectors hold to shards. */
import type { Networks } from "../core/contract/bindings.ts";
import { tunnelHeader } from "../core/contract/connector.ts";
import type { ShardMap } from "../core/contract/shard-map.ts";
import { ownerOf, shardName } from "../core/policies/placement.ts";
import { placeOf } from "../core/upstream/connector-address.ts";
import { NotSent } from "../core/upstream/not-sent.ts";
import type { House } from "./house.ts";
import { refreshShardMap, shardMap } from "./leases/shard-map.ts";

const rounds = 3;
const pauseMs = 50;

export function networksOf(house: House): Networks {
  return { ...house.env, connector: (url, init) => throughShard(house, url, init) };
}

/** The shard that owns the server carries it; when it has moved, the next one does. Nothing was sent then. */
async function throughShard(house: House, url: string, init: RequestInit): Promise<Response> {
  const { server, replica } = placeOf(url);
  const address = `http://connector/exchange/${server}/${encodeURIComponent(replica)}`;
  let map = await shardMap(house);
  for (let round = 1; ; round += 1) {
    if (!map.ok) throw new NotSent("the shard map is not to be had");
    const answer = await shardFor(house, map.value, server).fetch(address, init);
    const word = answer.headers.get(tunnelHeader);
    if (word === null) return answer;
    const { reason, since } = await answer.json<{ reason: string; since: number }>();
    if (word !== "moved" || round === rounds) throw errorOf(word, reason, since);
    if (round > 1) await scheduler.wait(pauseMs);
    map = await refreshShardMap(house);
  }
}

function shardFor({ env: { SHARD } }: House, map: ShardMap, server: string) {
  return SHARD.get(SHARD.idFromName(shardName(ownerOf(map, server))));
}

/** What the shard threw: errors lose their class on the way. */
function errorOf(word: string, reason: string, since: number): Error {
  return word === "lost" ? new Error(reason) : new NotSent(reason, since, word === "busy");
}
