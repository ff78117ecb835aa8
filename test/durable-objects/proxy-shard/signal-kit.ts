/** Signals as the tests meet them: what the real Fleet makes of what the real shards tell it. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { AlertRpc } from "../../../core/contract/alert-rpc.ts";
import type { Receipt } from "../../../core/contract/call.ts";
import type { FakeServer } from "./fake-server.ts";
import { actor, shardStub, valueOf, type Place } from "./fleet-of.ts";

export function alerting(): AlertRpc {
  return env.FLEET.get(env.FLEET.idFromName("fleet"));
}

/** Nobody waits for a hold. */
export async function atOnce(): Promise<void> {
  for (const rule of ["server_down", "certificate"] as const) {
    valueOf(await alerting().changeAlertRule(rule, { afterMs: 0, clearMs: 0 }, actor));
  }
}

/** Alerts, the latest last, once there are so many. */
export async function alerts(count: number): Promise<string[]> {
  const seen = async (): Promise<string[]> =>
    (await alerting().alerts(undefined, 0, 100))
      .map(({ rule, subject, recoveredAt }) => `${rule} ${subject}${recoveredAt === undefined ? "" : " over"}`)
      .toReversed();
  await vi.waitFor(async () => expect((await seen()).length).toBe(count), { timeout: 5_000 });
  return seen();
}

/** The alarm rings, and what it sends arrives. */
export async function tell({ number }: Pick<Place, "number">): Promise<void> {
  await scheduler.wait(300);
  await runDurableObjectAlarm(shardStub(number));
  await scheduler.wait(20);
}

export async function down(place: Place, server: FakeServer): Promise<void> {
  server.mood = "refusing";
  await place.shard.check(place.id);
  await tell(place);
}

export async function well(place: Place, server: FakeServer): Promise<void> {
  server.mood = "well";
  await place.shard.check(place.id);
  await tell(place);
}

export function receipts(server: string, results: readonly string[]): Receipt[] {
  const about = { server, replica: "1", tool: "read", at: Date.now(), latencyMs: 1, bytesIn: 1, bytesOut: 1 };
  return results.map((result) => ({ ...about, result }));
}
