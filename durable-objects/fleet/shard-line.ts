/** How Fleet reaches shards: by name, through the contract alone, and never without a bound on the wait. */
import type { ProxyShardRpc } from "../../core/contract/shard-rpc.ts";
import { shardName } from "../../core/policies/placement.ts";

/** The part of a Durable Object binding that is used here. */
export interface ShardNamespace {
  idFromName(name: string): DurableObjectId;
  get(id: DurableObjectId): ProxyShardRpc;
}

/** Calls one shard once. A stub that threw is broken for good, so every call takes a new one. */
export type CallShard = <T>(shard: number, withinMs: number, call: (stub: ProxyShardRpc) => Promise<T>) => Promise<T>;

export function shardLine(namespace: ShardNamespace): CallShard {
  return (shard, withinMs, call) => within(withinMs, call(namespace.get(namespace.idFromName(shardName(shard)))));
}

/** Rejects when the wait is over; what was asked may still happen, and all that is asked of shards bears repeating. */
async function within<T>(waitMs: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${waitMs} ms`)), waitMs);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
