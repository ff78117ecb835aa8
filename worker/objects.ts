/** The stubs of the objects. A stub that threw is broken, so each call takes a new one. */
import type { ConversationRpc } from "../core/contract/conversation.ts";
import type { FleetRpc } from "../core/contract/fleet-rpc.ts";
import type { Outcome } from "../core/contract/outcome.ts";
import { failure, success } from "../core/contract/outcome.ts";
import type { ProxyShardRpc } from "../core/contract/shard-rpc.ts";
import { shardName } from "../core/policies/placement.ts";
import type { Bindings } from "./house.ts";

/** What a shard answers to. */
export type Shard = ProxyShardRpc & ConversationRpc;

/** Calls a shard; when it cannot be reached the outcome says so. */
export async function askShard<T>(
  env: Bindings,
  shard: number,
  question: (stub: Shard) => Promise<T>,
): Promise<Outcome<Awaited<T>>> {
  try {
    const stub = env.SHARD.get(env.SHARD.idFromName(shardName(shard))) as unknown as Shard;
    return success(await question(stub));
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
  question: (stub: FleetRpc) => Promise<T>,
): Promise<Outcome<Awaited<T>>> {
  try {
    const stub = env.FLEET.get(env.FLEET.idFromName("fleet")) as unknown as FleetRpc;
    return success(await question(stub));
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
  return error instanceof Error && (error as { overloaded?: boolean }).overloaded === true;
}
