/** Fleet as the tests meet it: the real object, and the real shards on wires that a test can cut. */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import type { Actor } from "../../../core/contract/fleet-rpc.ts";
import type { KeyRecord } from "../../../core/contract/key.ts";
import type { ServerRecord } from "../../../core/contract/server.ts";
import type { ProxyShardRpc } from "../../../core/contract/shard-rpc.ts";
import { shardName } from "../../../core/policies/placement.ts";
import { Fleet } from "../../../durable-objects/fleet/fleet.ts";
import type { ShardNamespace } from "../../../durable-objects/fleet/shard-line.ts";

export const actor: Actor = { keyId: "root", requestId: "req-1" };

export function fleetStub() {
  return env.FLEET.get(env.FLEET.idFromName("fleet"));
}

const shards: ShardNamespace = env.SHARD;

export function shardStub(shard: number): ProxyShardRpc {
  return shards.get(shards.idFromName(shardName(shard)));
}

/** The ids of the servers a shard holds, as it sees it. */
export async function heldBy(shard: number): Promise<string[]> {
  const health = await shardStub(shard).health();
  return health.map(({ id }) => id).sort();
}

/** Disabled, so that no shard tries to reach it. */
export function server(id: string, change: Partial<ServerRecord> = {}): ServerRecord {
  return {
    id,
    url: `https://${id}.example/mcp`,
    headerNames: [],
    timeoutMs: 60_000,
    maxAnswerBytes: 16_777_216,
    allowPrivate: false,
    trusted: false,
    disabled: true,
    createdAt: 1,
    updatedAt: 1,
    ...change,
  };
}

export function serversNamed(prefix: string, count: number): ServerRecord[] {
  return Array.from({ length: count }, (_, index) => server(`${prefix}-${index + 1}`));
}

export function key(id: string, change: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id,
    name: `key ${id}`,
    scopes: ["tools:call"],
    serverLimits: {},
    createdAt: 1,
    secrets: [{ digest: `digest-of-${id}`, createdAt: 1 }],
    hint: "patchbay_ab…yz",
    ...change,
  };
}

export interface Wires {
  readonly namespace: ShardNamespace;
  /** Shards that cannot be reached. */
  readonly cut: Set<number>;
  /** What was asked of shards, in order, as `publish shard:1`. */
  readonly asked: string[];
  /** When set, what is asked never arrives and never fails. */
  hang: boolean;
  /** How many servers a shard can hand over in one message. */
  mostServers: number;
}

export function wires(): Wires {
  const names = new Map<string, string>();
  const namespace: ShardNamespace = {
    idFromName(name) {
      const id = shards.idFromName(name);
      names.set(id.toString(), name);
      return id;
    },
    get(id) {
      const name = names.get(id.toString()) ?? "";
      const stub = shards.get(id);
      return new Proxy(stub, {
        get:
          (_, method) =>
          (...args: unknown[]) =>
            ask(name, String(method), args, () => Reflect.apply(Reflect.get(stub, method), stub, args)),
      });
    },
  };
  const lines: Wires = { namespace, cut: new Set(), asked: [], hang: false, mostServers: Infinity };
  const ask = (name: string, method: string, args: readonly unknown[], call: () => unknown): unknown => {
    lines.asked.push(`${method} ${name}`);
    if (lines.hang) return new Promise(() => {});
    const [list] = args;
    const isTooMuch = method === "handOver" && Array.isArray(list) && list.length > lines.mostServers;
    if (isTooMuch) return Promise.reject(new Error("limited to 32MiB"));
    return lines.cut.has(Number(name.slice("shard:".length))) ? Promise.reject(new Error("the wire is cut")) : call();
  };
  return lines;
}

/** Fleet's own storage, its own code, and these wires to the shards. */
export function withFleet<T>({ namespace }: Pick<Wires, "namespace">, work: (fleet: Fleet) => Promise<T>): Promise<T> {
  return runInDurableObject(fleetStub(), (_, state) =>
    work(new Fleet(state, { ...env, SHARD: namespace, SHARD_COUNT: "3" })),
  );
}
