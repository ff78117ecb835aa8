import { evictDurableObject, reset } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { ProxyShardRpc } from "../../../core/contract/shard-rpc.ts";
import { Fleet } from "../../../durable-objects/fleet/fleet.ts";
import { actor, admitAsk, codeOf, createKey, fleet, keyOf, quiet, shardAt, shardStub, valueOf } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Tokens that a shard grants before it refuses, each ask's whole block taken. */
async function tokensOf(shard: ProxyShardRpc, keyId: string, server?: string): Promise<number> {
  let tokens = 0;
  for (;;) {
    const admitted = await shard.admit(admitAsk(keyId, server === undefined ? {} : { server }));
    if (!admitted.ok) return tokens;
    tokens += admitted.value.tokens;
  }
}

it("says who the caller is and what it may do", async () => {
  const { shard } = await createKey("k1", {
    scopes: ["tools:list", "tools:call"],
    tools: ["files__*"],
    limit: null,
    serverLimits: { files: { perMinute: 10, burst: 10 } },
  });
  expect(valueOf(await shard.admit(admitAsk("k1")))).toEqual({
    principal: { keyId: "k1", name: "key k1", scopes: ["tools:list", "tools:call"], tools: ["files__*"] },
    tokens: Infinity,
    lifeMs: 2_000,
    limitedServers: ["files"],
    limits: [],
  });
});

it("says which toolset the key finds", async () => {
  await fleet().createToolset({ id: "t", overrides: {}, naming: "always", createdAt: 1, updatedAt: 1 }, actor);
  const { shard } = await createKey("k1", { toolset: "t" });
  expect(valueOf(await shard.admit(admitAsk("k1"))).principal).toMatchObject({ toolset: "t" });
});

it("never grants more than the burst, however many holders ask at once", async () => {
  const { shard } = await createKey("k1", { limit: { perMinute: 1, burst: 100 } });
  const holders = await Promise.all([tokensOf(shard, "k1"), tokensOf(shard, "k1")]);
  expect(holders[0] + holders[1]).toBe(100);
  expect(await shard.admit(admitAsk("k1"))).toMatchObject({
    failure: { code: "rate_limited", limit: "key", quota: 100, windowSeconds: 6_000 },
  });
});

it("leases a busy key more than one token at a time", async () => {
  const { shard } = await createKey("k1", { limit: { perMinute: 600, burst: 600 } });
  const blocks: number[] = [];
  for (let ask = 0; ask < 4; ask += 1) blocks.push(valueOf(await shard.admit(admitAsk("k1"))).tokens);
  expect(blocks).toEqual([1, 2, 4, 8]);
});

it("takes back what an ended lease had left", async () => {
  const { shard } = await createKey("k1", { limit: { perMinute: 1, burst: 100 } });
  for (const lease of ["a", "b", "c"]) await shard.admit(admitAsk("k1", { lease }));
  expect(valueOf(await shard.admit(admitAsk("k1", { lease: "d" }))).tokens).toBe(8);
  await tokensOf(shard, "k1");
  vi.setSystemTime(Date.now() + 2_100);
  const reports = [{ lease: "d", unused: 7, used: 0 }];
  const again = valueOf(await shard.admit(admitAsk("k1", { reports })));
  expect(again.tokens + (await tokensOf(shard, "k1"))).toBe(7);
});

it("needs both limits to grant where a key has one of its own on a server", async () => {
  const serverLimits = { files: { perMinute: 1, burst: 3 } };
  const { shard } = await createKey("k1", { limit: { perMinute: 1, burst: 10 }, serverLimits });
  expect(await tokensOf(shard, "k1", "files")).toBe(3);
  expect(await shard.admit(admitAsk("k1", { server: "files" }))).toMatchObject({
    failure: { code: "rate_limited", limit: "key_server", quota: 3 },
  });
  expect(await tokensOf(shard, "k1", "notes")).toBe(7);
});

it("gives a key without a limit of its own the gateway's default, and a new default at once", async () => {
  await fleet().setDefaultLimit({ perMinute: 60, burst: 5 }, actor);
  const { shard } = await createKey("k1");
  expect(await tokensOf(shard, "k1")).toBe(5);
  await fleet().setDefaultLimit(null, actor);
  expect(valueOf(await shard.admit(admitAsk("k1"))).tokens).toBe(Infinity);
});

it("refuses a wrong secret, whatever else is true of the key", async () => {
  const { shard } = await createKey("k1", { revokedAt: 1 });
  expect(codeOf(await shard.admit(admitAsk("k1", { digest: "digest-of-k2" })))).toBe("key_invalid");
  expect(codeOf(await shard.admit(admitAsk("k1", { digest: "" })))).toBe("key_invalid");
});

it("refuses a key from the moment it is revoked", async () => {
  const { shard } = await createKey("k1");
  expect(codeOf(await shard.admit(admitAsk("k1")))).toBe("ok");
  valueOf(await fleet().replaceKey(keyOf("k1", { revokedAt: Date.now() }), "key.revoke", actor));
  expect(codeOf(await shard.admit(admitAsk("k1")))).toBe("key_revoked");
});

it("refuses a key that was revoked while its record was on the way here", async () => {
  const { shard } = await createKey("k1");
  const record = keyOf("k1", { revokedAt: Date.now() });
  vi.spyOn(Fleet.prototype, "key").mockImplementation(async () => {
    await scheduler.wait(100);
    return { ok: true, value: keyOf("k1") };
  });
  const admitted = shard.admit(admitAsk("k1"));
  await scheduler.wait(30);
  await shard.updateKey(record);
  expect(codeOf(await admitted)).toBe("key_revoked");
  expect(codeOf(await shard.admit(admitAsk("k1")))).toBe("key_revoked");
});

it("refuses a key that has expired, and a secret whose overlap is over", async () => {
  const { shard } = await createKey("k1", {
    expiresAt: Date.now() + 60_000,
    secrets: [
      { digest: "new", createdAt: 1 },
      { digest: "old", createdAt: 1, endsAt: Date.now() + 30_000 },
    ],
  });
  const codes = async () => [
    codeOf(await shard.admit(admitAsk("k1", { digest: "old" }))),
    codeOf(await shard.admit(admitAsk("k1", { digest: "new" }))),
  ];
  expect(await codes()).toEqual(["ok", "ok"]);
  vi.setSystemTime(Date.now() + 31_000);
  expect(await codes()).toEqual(["key_expired", "ok"]);
  vi.setSystemTime(Date.now() + 30_000);
  expect(await codes()).toEqual(["key_expired", "key_expired"]);
});

it("calls a key invalid that nobody knows, and asks Fleet only once in two seconds", async () => {
  const { shard } = await createKey("k1");
  const asked = vi.spyOn(Fleet.prototype, "key").mockResolvedValue({
    ok: false,
    failure: { code: "unknown_key", id: "k1" },
  });
  for (let ask = 0; ask < 3; ask += 1) expect(codeOf(await shard.admit(admitAsk("k1")))).toBe("key_invalid");
  expect(asked).toHaveBeenCalledTimes(1);
  asked.mockRestore();
  vi.setSystemTime(Date.now() + 2_500);
  expect(codeOf(await shard.admit(admitAsk("k1")))).toBe("ok");
});

it("admits the keys it knows while Fleet is away, and says so of others", async () => {
  const known = await createKey("k1");
  expect(codeOf(await known.shard.admit(admitAsk("k1")))).toBe("ok");
  const { shard } = await createKey("k2");
  vi.spyOn(Fleet.prototype, "key").mockRejectedValue(new Error("Fleet is away"));
  vi.spyOn(Fleet.prototype, "map").mockRejectedValue(new Error("Fleet is away"));
  await evictDurableObject(shardStub(known.number));
  expect(codeOf(await known.shard.admit(admitAsk("k1", { revision: 99 })))).toBe("ok");
  expect(codeOf(await shard.admit(admitAsk("k2")))).toBe("fleet_unavailable");
});

it("says moved for a key with another home", async () => {
  const { number } = await createKey("k1");
  const { shards, revision } = await fleet().map();
  const other = shards.find((shard) => shard !== number) ?? 0;
  expect(await shardAt(other).admit(admitAsk("k1"))).toEqual({ ok: false, failure: { code: "moved", revision } });
});

it("keeps a spent bucket spent through an eviction once things have been quiet", async () => {
  const { number, shard } = await createKey("k1", { limit: { perMinute: 1, burst: 100 } });
  expect(await tokensOf(shard, "k1")).toBe(100);
  await quiet(number);
  await evictDurableObject(shardStub(number));
  expect(codeOf(await shard.admit(admitAsk("k1")))).toBe("rate_limited");
});

it("starts with a full bucket when a crash came before that: one burst, no more", async () => {
  const { number, shard } = await createKey("k1", { limit: { perMinute: 1, burst: 100 } });
  expect(await tokensOf(shard, "k1")).toBe(100);
  await evictDurableObject(shardStub(number));
  expect(await tokensOf(shard, "k1")).toBe(100);
});

it("fetches a key's bucket from its old home after a re-sharding", async () => {
  const limit = { perMinute: 1, burst: 50 };
  const { shards } = await fleet().map();
  const keys = await Promise.all(Array.from({ length: 12 }, (_, n) => createKey(`k${n}`, { limit })));
  for (const { id, shard } of keys) expect(await tokensOf(shard, id)).toBe(50);
  valueOf(await fleet().setShards(shards.length + 3, actor));
  const { homeOf } = await import("../../../core/policies/placement.ts");
  const map = await fleet().map();
  const moved = keys.filter(({ id, number }) => homeOf(map.shards, id) !== number);
  expect(moved.length).toBeGreaterThan(2);
  for (const { id, shard } of moved) {
    expect(codeOf(await shard.admit(admitAsk(id)))).toBe("moved");
    const home = shardAt(homeOf(map.shards, id));
    expect(codeOf(await home.admit(admitAsk(id, { revision: map.revision })))).toBe("rate_limited");
  }
});

it("grants nothing from a bucket it has given up, even before it has heard of the new map", async () => {
  const { shard } = await createKey("k1", { limit: { perMinute: 1, burst: 50 } });
  valueOf(await shard.admit(admitAsk("k1")));
  const surrendered = await shard.surrenderKey("k1");
  expect(surrendered).toMatchObject([{ name: "key", level: 49 }]);
  expect(codeOf(await shard.admit(admitAsk("k1")))).toBe("moved");
});

it("remembers when a key was last used", async () => {
  const { number, shard } = await createKey("k1");
  expect(await shard.lastUsed(["k1"])).toEqual({});
  await shard.admit(admitAsk("k1"));
  const used = await shard.lastUsed(["k1", "k2"]);
  expect(Object.keys(used)).toEqual(["k1"]);
  await quiet(number);
  await evictDurableObject(shardStub(number));
  expect(await shard.lastUsed(["k1"])).toEqual(used);
});
