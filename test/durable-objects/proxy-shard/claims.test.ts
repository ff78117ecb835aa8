import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { ClaimAsk, ClaimRpc, Conclusion } from "../../../core/contract/claim.ts";
import { homeOf } from "../../../core/policies/placement.ts";
import { actor, codeOf, fleet, shardStub, valueOf } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const day = 24 * 60 * 60 * 1000;

function shardAt(number: number): ClaimRpc {
  return shardStub(number);
}

async function onlyShard(): Promise<ClaimRpc> {
  valueOf(await fleet().setShards(1, actor));
  return shardAt(1);
}

function claimAsk(name: string, more: Partial<ClaimAsk> = {}): ClaimAsk {
  return {
    owner: "k1",
    name,
    attempt: crypto.randomUUID(),
    fingerprints: ["a.hash"],
    server: "bank",
    deadlineAt: Date.now() + 60_000,
    revision: 1,
    ...more,
  };
}

function conclusion({ owner, name, attempt }: ClaimAsk, sealed?: string | null): Conclusion {
  return { owner, name, attempt, ...(sealed === undefined ? {} : { sealed }), revision: 1 };
}

it("keeps a claim through an eviction, and says that the first is under way until its deadline", async () => {
  const shard = await onlyShard();
  valueOf(await shard.claim(claimAsk("order")));
  await evictDurableObject(shardStub(1));
  expect(codeOf(await shardAt(1).claim(claimAsk("order")))).toBe("idempotency_in_flight");
  vi.setSystemTime(Date.now() + 70_000);
  const told = await shardAt(1).claim(claimAsk("order"));
  expect(told).toMatchObject({ failure: { code: "outcome_unknown", server: "bank", execution: "unknown" } });
});

it("takes the truth even when it comes late", async () => {
  const shard = await onlyShard();
  const first = claimAsk("order");
  valueOf(await shard.claim(first));
  vi.setSystemTime(Date.now() + 70_000);
  expect(codeOf(await shard.claim(claimAsk("order")))).toBe("outcome_unknown");
  valueOf(await shard.conclude(conclusion(first, "v1.sealed")));
  expect(valueOf(await shard.claim(claimAsk("order")))).toEqual({ is: "told", sealed: "v1.sealed" });
});

it("lets only who made a claim conclude it, and only once", async () => {
  const shard = await onlyShard();
  const first = claimAsk("order");
  valueOf(await shard.claim(first));
  valueOf(await shard.conclude(conclusion(claimAsk("order"), "v1.forged")));
  expect(codeOf(await shard.claim(claimAsk("order")))).toBe("idempotency_in_flight");
  valueOf(await shard.conclude(conclusion(first, "v1.sealed")));
  valueOf(await shard.conclude(conclusion(first)));
  expect(valueOf(await shard.claim(claimAsk("order")))).toEqual({ is: "told", sealed: "v1.sealed" });
});

it("recognises a request by the fingerprint of an older secret", async () => {
  const shard = await onlyShard();
  valueOf(await shard.claim(claimAsk("order", { fingerprints: ["old.hash"] })));
  const later = claimAsk("order", { fingerprints: ["new.hash", "old.hash"] });
  expect(codeOf(await shard.claim(later))).toBe("idempotency_in_flight");
  const other = claimAsk("order", { fingerprints: ["new.other", "old.other"] });
  expect(codeOf(await shard.claim(other))).toBe("idempotency_key_reused");
});

it("puts away what is older than a day", async () => {
  const shard = await onlyShard();
  valueOf(await shard.claim(claimAsk("order")));
  vi.setSystemTime(Date.now() + day);
  await runDurableObjectAlarm(shardStub(1));
  const left = await runInDurableObject(shardStub(1), (_shard, { storage: { sql } }) =>
    sql.exec("SELECT count(*) AS claims FROM claim").one(),
  );
  expect(left).toEqual({ claims: 0 });
});

it("refuses an API key that holds too many, until its first ones end, and no other key", async () => {
  const shard = await onlyShard();
  valueOf(await shard.claim(claimAsk("order")));
  const endsAt = Date.now() + 90_000;
  await runInDurableObject(shardStub(1), (_shard, { storage: { sql } }) => {
    sql.exec(
      `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 50000)
       INSERT INTO claim SELECT 'k1', 'n' || n, '', '', 'bank', 0, ?, '' FROM n`,
      endsAt,
    );
  });
  await evictDurableObject(shardStub(1));
  const full = await shardAt(1).claim(claimAsk("another"));
  const waitMs = !full.ok && full.failure.code === "idempotency_full" ? full.failure.retryAfterMs : Number.NaN;
  expect(waitMs).toBeGreaterThan(80_000);
  expect(waitMs).toBeLessThanOrEqual(90_000);
  expect(codeOf(await shardAt(1).claim(claimAsk("another", { owner: "k2" })))).toBe("ok");
});

it("is kept by the new home when the fleet changes, and again when it changes back", async () => {
  valueOf(await fleet().setShards(1, actor));
  const owners = Array.from({ length: 12 }, (_, n) => `key-${n}`);
  const asks = owners.map((owner) => claimAsk("order", { owner }));
  for (const ask of asks) {
    valueOf(await shardAt(1).claim(ask));
    valueOf(await shardAt(1).conclude(conclusion(ask, `v1.of-${ask.owner}`)));
  }
  for (const number of [4, 2]) {
    valueOf(await fleet().setShards(number, actor));
    const { shards, revision } = await fleet().map();
    const homes = new Set<number>();
    for (const owner of owners) {
      const home = homeOf(shards, owner);
      homes.add(home);
      const told = await shardAt(home).claim(claimAsk("order", { owner, revision }));
      expect(valueOf(told), `${owner} at ${home}`).toEqual({ is: "told", sealed: `v1.of-${owner}` });
    }
    expect(homes.size).toBeGreaterThan(1);
  }
});

it("is concluded at its new home by who made it at the old one", async () => {
  valueOf(await fleet().setShards(1, actor));
  const owner = Array.from({ length: 50 }, (_, n) => `key-${n}`).find((id) => homeOf([1, 2], id) === 2) ?? "";
  const ask = claimAsk("order", { owner });
  valueOf(await shardAt(1).claim(ask));
  valueOf(await fleet().setShards(2, actor));
  const { revision } = await fleet().map();
  expect(codeOf(await shardAt(1).conclude({ ...conclusion(ask, "v1.sealed"), revision }))).toBe("moved");
  valueOf(await shardAt(2).conclude({ ...conclusion(ask, "v1.sealed"), revision }));
  const told = await shardAt(2).claim(claimAsk("order", { owner, revision }));
  expect(valueOf(told)).toEqual({ is: "told", sealed: "v1.sealed" });
});
