/** The real Fleet and real shards, addressed through the contract, and records to give them. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { FleetRpc } from "../../../core/contract/fleet-rpc.ts";
import type { KeyRecord } from "../../../core/contract/key.ts";
import type { AdmitAsk, RouteAsk } from "../../../core/contract/leases.ts";
import type { Outcome } from "../../../core/contract/outcome.ts";
import type { ServerRecord } from "../../../core/contract/server.ts";
import type { ProxyShardRpc } from "../../../core/contract/shard-rpc.ts";
import { homeOf } from "../../../core/policies/placement.ts";
import type { FakeServer } from "./fake-server.ts";

export const actor = { keyId: "root", requestId: "test" };

export function fleet(): FleetRpc {
  return env.FLEET.get(env.FLEET.idFromName("fleet"));
}

export function shardStub(shard: number) {
  return env.SHARD.get(env.SHARD.idFromName(`shard:${shard}`));
}

export function shardAt(shard: number): ProxyShardRpc {
  return shardStub(shard);
}

/** Things go quiet at a shard: its alarm tells Fleet what it must, puts off once for what came last, and writes. */
export async function quiet(shard: number): Promise<void> {
  for (let ring = 0; ring < 4; ring += 1) await runDurableObjectAlarm(shardStub(shard));
}

export function recordOf(server: FakeServer, more: Partial<ServerRecord> = {}): ServerRecord {
  return {
    id: server.host.split(".")[0] ?? server.host,
    url: server.url,
    headerNames: [],
    timeoutMs: 60_000,
    maxAnswerBytes: 16_777_216,
    allowPrivate: false,
    trusted: false,
    disabled: false,
    createdAt: 1,
    updatedAt: 1,
    ...more,
  };
}

/** Registers a server as an operator does, and waits until its shard has met it. */
export async function register(server: FakeServer, more: Partial<ServerRecord> = {}): Promise<Place> {
  const record = recordOf(server, more);
  const placed = valueOf(await fleet().registerServer(record, actor));
  const shard = shardAt(placed.shard);
  await shard.whenSettled(record.id, 10_000);
  return { id: record.id, number: placed.shard, shard };
}

export interface Place {
  readonly id: string;
  readonly number: number;
  readonly shard: ProxyShardRpc;
}

export function keyOf(id: string, more: Partial<KeyRecord> = {}): KeyRecord {
  const secrets = [{ digest: `digest-of-${id}`, createdAt: 1 }];
  return { id, name: `key ${id}`, scopes: ["tools:call"], serverLimits: {}, createdAt: 1, secrets, hint: "", ...more };
}

/** Creates a key and tells which shard is its home. */
export async function createKey(id: string, more: Partial<KeyRecord> = {}): Promise<Place> {
  valueOf(await fleet().createKey(keyOf(id, more), actor));
  const { shards } = await fleet().map();
  const number = homeOf(shards, id);
  return { id, number, shard: shardAt(number) };
}

export function admitAsk(keyId: string, more: Partial<AdmitAsk> = {}): AdmitAsk {
  return {
    keyId,
    digest: `digest-of-${keyId}`,
    lease: crypto.randomUUID(),
    reports: [],
    ahead: false,
    revision: 1,
    ...more,
  };
}

export function routeAsk(server: string, tool: string, more: Partial<RouteAsk> = {}): RouteAsk {
  return { server, tool, lease: crypto.randomUUID(), reports: [], ahead: false, revision: 1, ...more };
}

export function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) expect.unreachable(`expected a value, got ${JSON.stringify(outcome.failure)}`);
  return outcome.value;
}

export function codeOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? "ok" : outcome.failure.code;
}
