/** Which servers a listening client's stream must hear, for the lists and for the resources that it wants to know of. */
import type { Admitted } from "../../leases/admissions.ts";
import type { House } from "../../house.ts";
import { toolsetOf } from "../../leases/toolsets.ts";
import { takesFrom } from "../../../core/policies/toolset.ts";
import { success } from "../../../core/contract/outcome.ts";
import { reaches } from "../entry.ts";
import { gather } from "../listing/gather.ts";
import { findResource } from "../methods/find-resource.ts";
import type { Offering } from "../rpc-call.ts";
import { mostEars } from "./ears.ts";

export interface Wisher {
  readonly house: House;
  readonly offering: Offering;
  readonly caller: Admitted;
}

export interface Holders {
  /** URIs by server, of so many servers as one client may have listened to. One that no server has is nobody's to tell of. */
  readonly byServer: ReadonlyMap<string, ReadonlySet<string>>;
  /** False when a shard did not answer, so that some server may be missing. */
  readonly isWhole: boolean;
}

export async function serversOf(wisher: Wisher, uris: readonly string[]): Promise<Holders> {
  const found = await Promise.all(uris.map(async (uri) => ({ uri, server: await findResource(wisher, uri) })));
  const byServer = new Map<string, Set<string>>();
  for (const { uri, server } of found) {
    if (!server.ok || server.value === undefined) continue;
    const held = byServer.get(server.value) ?? new Set();
    if (held.size > 0 || byServer.size < mostEars) byServer.set(server.value, held.add(uri));
  }
  return { byServer, isWhole: found.every(({ server }) => server.ok) };
}

/** The servers whose lists the client sees, when they are few enough to listen to each. */
export async function listedServers({ house, offering, caller }: Wisher): Promise<readonly string[]> {
  if (offering.is === "server") return [offering.server];
  const toolset = offering.is === "toolset" ? await toolsetOf(house, offering.toolset) : undefined;
  const gathered = await gather(house, undefined, async (shard) => success(await shard.health()));
  if (!gathered.ok) return [];
  const servers = gathered.value.items
    .filter(({ id, state }) => state !== "disabled" && reaches(caller.principal.tools, id))
    .filter(({ id }) => !toolset?.ok || takesFrom(toolset.value, id));
  return servers.length > mostEars ? [] : servers.map(({ id }) => id);
}
