/** The stubs of the objects. A stub that threw is broken, so each call takes a new one. */
import type { ClaimRpc } from "../core/contract/claim.ts";
import type { ConnectorRpc } from "../core/contract/connector.ts";
import type { ConversationRpc } from "../core/contract/conversation.ts";
import type { FleetRpc } from "../core/contract/fleet-rpc.ts";
import type { AlertRpc } from "../core/contract/alert-rpc.ts";
import type { Outcome } from "../core/contract/outcome.ts";
import { failure, success } from "../core/contract/outcome.ts";
import type { ProxyShardRpc } from "../core/contract/shard-rpc.ts";
import { shardName } from "../core/policies/placement.ts";
import type { Bindings } from "./house.ts";

/** What a shard answers to. */
export type Shard = ProxyShardRpc & ConversationRpc & ClaimRpc & ConnectorRpc;

/** A namespace as we use it: what an object answers to is said by the contract alone. */
interface Namespace<T> {
  idFromName(name: string): DurableObjectId;
  get(id: DurableObjectId): T;
}

/** Calls a shard; when it cannot be reached the outcome says so. */
export async function askShard<T>(
  env: Bindings,
  shard: number,
  question: (stub: Shard) => Promise<T>,
): Promise<Outcome<Awaited<T>>> {
  try {
    const shards: Namespace<Shard> = env.SHARD;
    return success(await question(shards.get(shards.idFromName(shardName(shard)))));
  } catch (error) {
    console.error("shard does not answer", shard, error);
    return isOverload(error)
      ? failure({ code: "overloaded", retryAfterMs: 1000 })
      : failure({ code: "shard_unavailable", shard });
  }
}

/** Calls Fleet; when it cannot be reached the outcome says so. */
export async function askFleet<T>(
  env: Bindings,
  question: (stub: FleetRpc & AlertRpc) => Promise<T>,
): Promise<Outcome<Awaited<T>>> {
  try {
    const fleets: Namespace<FleetRpc & AlertRpc> = env.FLEET;
    return success(await question(fleets.get(fleets.idFromName("fleet"))));
  } catch (error) {
    console.error("fleet does not answer", error);
    return failure({ code: "fleet_unavailable" });
  }
}

/** Unwraps an outcome inside an outcome. */
export function flat<T>(outcome: Outcome<Outcome<T>>): Outcome<T> {
  return outcome.ok ? outcome.value : outcome;
}

/** Durable Objects mark overload on the error; such a call must not be repeated. */
function isOverload(error: unknown): boolean {
  return error instanceof Error && "overloaded" in error && error.overloaded === true;
}
