/** Names near a wrong one, out of those the caller may use: a tool that a key may not use does not exist for it. */
import type { Call } from "../../core/contract/call.ts";
import type { Failure } from "../../core/contract/failure.ts";
import type { Principal } from "../../core/contract/key.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { allowed, nearest, qualify } from "../../core/policies/names.ts";
import type { House } from "../house.ts";
import { shardMap } from "../leases/shard-map.ts";
import { askShard } from "../objects.ts";
import { askEveryShard } from "../routes/every-shard.ts";

const candidatesPerShard = 2_000;

/** Turns "not yours" and "not there" into one and the same answer; leaves other failures as they are. */
export async function withNearest(
  house: House,
  call: Call,
  principal: Principal,
  reason?: Failure,
): Promise<Outcome<never>> {
  if (reason && reason.code !== "unknown_server" && reason.code !== "unknown_tool") return failure(reason);
  const asked = qualify(call.server, call.tool);
  if (reason?.code === "unknown_server" && principal.tools === undefined) {
    return failure({ ...reason, nearest: nearest(call.server, await serverNames(house)) });
  }
  return failure({ code: "unknown_tool", tool: asked, nearest: nearest(asked, await toolNames(house, principal)) });
}

export async function serverNames(house: House): Promise<string[]> {
  const lists = await fromEveryShard(house, (shard) => shard.health());
  return lists.flat().map((server) => server.id);
}

export async function toolNames(house: House, principal: Principal): Promise<string[]> {
  const allow = principal.tools === undefined ? {} : { allow: principal.tools };
  const lists = await fromEveryShard(house, async (shard) => {
    const listed = await shard.tools({ ...allow, limit: candidatesPerShard });
    return listed.ok ? listed.value : [];
  });
  return lists.flat().map((tool) => tool.name);
}

/**
 * Servers that have a tool of this bare name, out of those the caller may use. All shards must tell: with one silent, a
 * name that two servers share would lead to the wrong one.
 */
export async function serversWithTool(house: House, tool: string, principal: Principal): Promise<Outcome<string[]>> {
  const asked = await askEveryShard(house, (shard) => shard.serversWithTool(tool));
  if (!asked.ok) return asked;
  const servers: string[] = [];
  for (const { answer } of asked.value.answers) {
    if (!answer.ok) return answer;
    servers.push(...answer.value);
  }
  return success(servers.filter((server) => allowed(principal.tools, qualify(server, tool))).sort());
}

/** Asks all shards side by side; one that does not answer is left out. */
async function fromEveryShard<T>(house: House, question: Parameters<typeof askShard<T>>[2]): Promise<Awaited<T>[]> {
  const map = await shardMap(house);
  if (!map.ok) return [];
  const answers = await Promise.all(map.value.shards.map((shard) => askShard(house.env, shard, question)));
  return answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
}
