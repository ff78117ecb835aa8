/** From a URI to the server that is asked for it: the first by id of those that list it, else of those whose template fits. */
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";
import { takesResource } from "../../../core/policies/toolset.ts";
import { toolsetOf } from "../../leases/toolsets.ts";
import { gather } from "../listing/gather.ts";
import { mayUse } from "../offering.ts";
import type { RpcCall } from "../rpc-call.ts";

type Asker = Pick<RpcCall, "house" | "offering" | "caller">;

/** Undefined when none that this caller may use has it. */
export async function findResource(call: Asker, uri: string): Promise<Outcome<string | undefined>> {
  return find(call, uri, async (shard) => {
    const { listed, matching } = await shard.serversWithResource(uri);
    return success([
      ...listed.map((server) => ({ server, rank: 0 })),
      ...matching.map((server) => ({ server, rank: 1 })),
    ]);
  });
}

/** By the template's own text, as a completion names it; else as any URI. */
export async function findTemplate(call: Asker, template: string): Promise<Outcome<string | undefined>> {
  const named = await find(call, template, async (shard) => {
    const after = { name: template, server: "" };
    const rows = await shard.listed({ what: "templates", after, limit: 100 });
    return success(rows.filter(({ name }) => name === template).map(({ server }) => ({ server, rank: 0 })));
  });
  return named.ok && named.value === undefined ? findResource(call, template) : named;
}

interface Candidate {
  readonly server: string;
  /** Less is better. */
  readonly rank: number;
}

async function find(
  call: Asker,
  uri: string,
  question: Parameters<typeof gather<Candidate>>[2],
): Promise<Outcome<string | undefined>> {
  const { house, offering, caller } = call;
  const { principal } = caller;
  if (offering.is === "server") return success(mayUse(principal, offering.server, uri) ? offering.server : undefined);
  const toolset = offering.is === "toolset" ? await toolsetOf(house, offering.toolset) : undefined;
  if (toolset && !toolset.ok) return toolset;
  const gathered = await gather(house, undefined, question);
  if (!gathered.ok) return gathered;
  const { items, silent } = gathered.value;
  const [best] = items
    .filter(({ server }) => mayUse(principal, server, uri) && (!toolset || takesResource(toolset.value, server, uri)))
    .sort((a, b) => a.rank - b.rank || (a.server < b.server ? -1 : 1));
  // That there is none, only all shards together can say.
  if (!best && silent.length > 0) return failure({ code: "overloaded", retryAfterMs: 1_000 });
  return success(best?.server);
}
