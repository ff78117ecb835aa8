import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { shardStub } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.useRealTimers();
});

const shard = () => shardStub(1);
const hourMs = 3_600_000;
const later = () => Date.now() + 24 * hourMs;
const fresh = { ended: false, subscriptions: [] };

const written = async () => (await shard().status()).rowsWritten;

it("takes a session that it has never heard of for a fresh one, and writes nothing for it", async () => {
  const before = await written();
  expect(await shard().session("s1")).toEqual(fresh);
  expect(await shard().changeSession("s1", { is: "unsubscribe", uri: "x://1" }, later())).toEqual(fresh);
  expect(await written()).toBe(before);
});

it("remembers the log level and the subscriptions, across a restart", async () => {
  const endsAt = later();
  await shard().changeSession("s1", { is: "log_level", level: "debug" }, endsAt);
  await shard().changeSession("s1", { is: "subscribe", uri: "x://1" }, endsAt);
  await shard().changeSession("s1", { is: "subscribe", uri: "x://2" }, endsAt);
  const state = await shard().changeSession("s1", { is: "unsubscribe", uri: "x://1" }, endsAt);
  expect(state).toEqual({ ended: false, logLevel: "debug", subscriptions: ["x://2"] });
  await evictDurableObject(shard());
  expect(await shard().session("s1")).toEqual(state);
  expect(await shard().session("s2")).toEqual(fresh);
});

it("writes when something changes and at no other time", async () => {
  const endsAt = later();
  await shard().changeSession("s1", { is: "log_level", level: "debug" }, endsAt);
  await shard().changeSession("s1", { is: "subscribe", uri: "x://1" }, endsAt);
  const before = await written();
  await shard().changeSession("s1", { is: "log_level", level: "debug" }, endsAt);
  await shard().changeSession("s1", { is: "subscribe", uri: "x://1" }, endsAt);
  await shard().session("s1");
  expect(await written()).toBe(before);
});

it("never takes up again what has ended", async () => {
  await shard().changeSession("s1", { is: "subscribe", uri: "x://1" }, later());
  const ended = { ended: true, subscriptions: [] };
  expect(await shard().changeSession("s1", { is: "end" }, later())).toEqual(ended);
  expect(await shard().changeSession("s1", { is: "log_level", level: "debug" }, later())).toEqual(ended);
  await evictDurableObject(shard());
  expect(await shard().session("s1")).toEqual(ended);
});

it("takes no more subscriptions than fit", async () => {
  const uris = Array.from({ length: 20 }, (_, n) => `x://${"y".repeat(5_000)}/${n}`);
  let last = 0;
  for (const uri of uris) {
    last = (await shard().changeSession("s1", { is: "subscribe", uri }, later())).subscriptions.length;
  }
  expect(last).toBe(13);
  const [first = ""] = uris;
  await shard().changeSession("s1", { is: "unsubscribe", uri: first }, later());
  expect((await shard().changeSession("s1", { is: "subscribe", uri: "x://z" }, later())).subscriptions).toContain(
    "x://z",
  );
});

it("sweeps what is no longer good, and only that", async () => {
  const now = Date.now();
  await shard().changeSession("old", { is: "log_level", level: "debug" }, now + hourMs);
  await shard().changeSession("young", { is: "log_level", level: "debug" }, now + 3 * hourMs);
  vi.setSystemTime(now + 2 * hourMs);
  expect(await runDurableObjectAlarm(shard())).toBe(true);
  expect(await shard().session("old")).toEqual(fresh);
  expect(await shard().session("young")).toMatchObject({ logLevel: "debug" });
});

it("sweeps after a restart what was written before it", async () => {
  const now = Date.now();
  await shard().changeSession("old", { is: "log_level", level: "debug" }, now + hourMs);
  await evictDurableObject(shard());
  vi.setSystemTime(now + 2 * hourMs);
  await shard().status();
  await runDurableObjectAlarm(shard());
  expect(await shard().session("old")).toEqual(fresh);
});

it("holds twenty thousand sessions, and gives up the one that ends first", async () => {
  await runInDurableObject(shard(), (_shard, { storage }) => {
    storage.sql.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
       INSERT INTO session SELECT 's' || i, 0, 'debug', '[]', ? + i FROM n`,
      later(),
    );
  });
  await evictDurableObject(shard());
  await shard().changeSession("s20001", { is: "log_level", level: "info" }, later() - hourMs);
  await shard().changeSession("s20001", { is: "log_level", level: "debug" }, later() - hourMs);
  expect(await shard().session("s20001")).toMatchObject({ logLevel: "debug" });
  expect(await shard().session("s1")).toEqual(fresh);
  expect(await shard().session("s2")).toMatchObject({ logLevel: "debug" });
});
