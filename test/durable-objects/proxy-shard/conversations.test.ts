import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import type { Conversation } from "../../../core/contract/conversation.ts";
import { openKeyring } from "../../../core/secrets/keyring.ts";
import { seal } from "../../../core/secrets/seal.ts";
import { AskingServer } from "./asking-server.ts";
import { connectTo } from "./fake-server.ts";
import { actor, codeOf, fleet, quiet, recordOf, register, routeAsk, shardStub, valueOf } from "./fleet-of.ts";
import { OfferingServer } from "./offering-server.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const client = (id: string, capabilitiesText = `{"sampling":{}}`): Conversation => ({ id, capabilitiesText });

async function asking(server = new AskingServer("asker.example", { run: async () => ({}) })) {
  connectTo(server);
  const { number } = await register(server);
  return { server, number, shard: shardStub(number) };
}

type Shard = Awaited<ReturnType<typeof asking>>["shard"];

async function connectionOf(shard: Shard, conversation?: Conversation) {
  const route = valueOf(await shard.route(routeAsk("asker", "run", conversation ? { conversation } : {})));
  const [replica] = route.replicas;
  if (replica === undefined) throw new Error("a route without a replica");
  return replica;
}

it("leases each conversation a connection of its own, made with that client's capabilities", async () => {
  const { server, shard } = await asking();
  const shared = await connectionOf(shard);
  const [one, two] = [await connectionOf(shard, client("c1")), await connectionOf(shard, client("c2", `{"roots":{}}`))];
  expect(new Set([shared.sessionId, one.sessionId, two.sessionId]).size).toBe(3);
  expect([...server.sessions].map(([name, { capabilities }]) => [name, capabilities])).toEqual([
    ["session-1", expect.objectContaining({ elicitation: { form: {}, url: {} } })],
    [shared.sessionId, {}],
    [one.sessionId, { sampling: {} }],
    [two.sessionId, { roots: {} }],
  ]);
  expect(await connectionOf(shard, client("c1"))).toEqual(one);
  expect(await connectionOf(shard)).toEqual(shared);
  expect(server.initializes).toBe(4);
});

it("writes a row for a new conversation and none for one that goes on", async () => {
  const { shard } = await asking();
  const written = async () => (await shard.status()).rowsWritten;
  const before = await written();
  await connectionOf(shard, client("c1"));
  const after = await written();
  await connectionOf(shard, client("c1"));
  expect([after - before, (await written()) - after]).toEqual([1, 0]);
});

it("makes one connection for all who ask for it at once", async () => {
  const { server, shard } = await asking();
  const made = await Promise.all(Array.from({ length: 10 }, () => connectionOf(shard, client("c1"))));
  expect(new Set(made.map(({ sessionId }) => sessionId)).size).toBe(1);
  expect(server.initializes).toBe(2);
});

it("goes on with a conversation after a restart", async () => {
  const { server, shard, number } = await asking();
  const before = await connectionOf(shard, client("c1"));
  await evictDurableObject(shard);
  expect(await connectionOf(shardStub(number), client("c1"))).toEqual(before);
  expect(server.initializes).toBe(2);
});

it("makes a lost one anew, once for all who lost it, and leaves the shared one alone", async () => {
  const { server, shard } = await asking();
  const shared = await connectionOf(shard);
  const before = await connectionOf(shard, client("c1"));
  server.sessions.delete(before.sessionId ?? "");
  const reconnect = () => shard.reconnect("asker", "1", before.generation, client("c1"));
  const made = (await Promise.all(Array.from({ length: 10 }, reconnect))).map(valueOf);
  const [after] = made;
  expect(after?.generation).toBeGreaterThan(before.generation);
  expect(made.every(({ sessionId }) => sessionId === after?.sessionId)).toBe(true);
  expect(valueOf(await reconnect())).toEqual(after);
  expect(server.sessions.get(after?.sessionId ?? "")?.capabilities).toEqual({ sampling: {} });
  expect(await connectionOf(shard)).toEqual(shared);
  expect(server.initializes).toBe(4);
});

it("makes one anew that it knows nothing of any more", async () => {
  const { server, shard } = await asking();
  const shared = await connectionOf(shard);
  const made = valueOf(await shard.reconnect("asker", "1", Date.now() + 1_000, client("c1")));
  expect(server.sessions.get(made.sessionId ?? "")?.capabilities).toEqual({ sampling: {} });
  expect(await connectionOf(shard)).toEqual(shared);
});

it("shares the connection of a server that keeps no sessions", async () => {
  const { shard, server } = await asking(new OfferingServer("asker.example", {}, ["run"]) as unknown as AskingServer);
  expect(await connectionOf(shard, client("c1"))).toEqual(await connectionOf(shard));
  const made = valueOf(await shard.reconnect("asker", "1", 1, client("c1")));
  expect(made.generation).toBe(2);
  expect(server.initializes).toBe(2);
});

it("shares again when a server has turned into one that keeps no sessions", async () => {
  const { shard } = await asking();
  const before = await connectionOf(shard, client("c1"));
  connectTo(new OfferingServer("asker.example", {}, ["run"]));
  const made = valueOf(await shard.reconnect("asker", "1", before.generation, client("c1")));
  expect(made.sessionId).toBeUndefined();
  expect(await connectionOf(shard, client("c2"))).toEqual(made);
  expect(await connectionOf(shard)).toEqual(made);
});

it("says that nothing ran when a conversation cannot be opened, and looks after the server", async () => {
  const { server, shard } = await asking();
  server.mood = "failing";
  const refused = await shard.route(routeAsk("asker", "run", { conversation: client("c1") }));
  expect(refused).toMatchObject({ failure: { code: "server_status", execution: "not_executed" } });
  await vi.waitFor(async () => expect((await shard.health(["asker"]))[0]?.state).toBe("down"), { timeout: 5_000 });
});

it("ends what nobody has used for half an hour, and nothing else", async () => {
  const { server, shard } = await asking();
  const now = Date.now();
  const idle = await connectionOf(shard, client("idle"));
  const busy = await connectionOf(shard, client("busy"));
  vi.setSystemTime(now + 1_000_000);
  expect(await connectionOf(shard, client("busy"))).toEqual(busy);
  vi.setSystemTime(now + 1_900_000);
  await runDurableObjectAlarm(shard);
  await vi.waitFor(() => expect(server.ended).toEqual([idle.sessionId]));
  expect(await connectionOf(shard, client("busy"))).toEqual(busy);
  expect((await connectionOf(shard, client("idle"))).sessionId).not.toBe(idle.sessionId);
});

it("remembers across a restart when each was used last, to the minute", async () => {
  const { server, shard, number } = await asking();
  const now = Date.now();
  const busy = await connectionOf(shard, client("busy"));
  vi.setSystemTime(now + 1_000_000);
  await connectionOf(shard, client("busy"));
  await quiet(number);
  await evictDurableObject(shard);
  vi.setSystemTime(now + 2_000_000);
  await shardStub(number).status();
  vi.setSystemTime(now + 2_100_000);
  await runDurableObjectAlarm(shardStub(number));
  expect(await connectionOf(shardStub(number), client("busy"))).toEqual(busy);
  expect(server.ended).toEqual([]);
});

it("has five hundred at most, and ends the one that was used longest ago", async () => {
  const { server, shard, number } = await asking();
  await runInDurableObject(shard, (_shard, { storage }) => {
    storage.sql.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
       INSERT INTO conversation SELECT 'asker', '1', 'c' || i, i, ?, '2025-11-25', 'session-of-c' || i, 'public', ? + i FROM n`,
      server.url,
      Date.now() - 1_000,
    );
  });
  await evictDurableObject(shard);
  expect((await connectionOf(shardStub(number), client("c1"))).sessionId).toBe("session-of-c1");
  await connectionOf(shardStub(number), client("new"));
  await vi.waitFor(() => expect(server.ended).toEqual(["session-of-c2"]));
  expect((await connectionOf(shardStub(number), client("c1"))).sessionId).toBe("session-of-c1");
});

it("takes conversations along when their server moves, and says goodbye to none", async () => {
  const { server, shard, number } = await asking();
  const before = await connectionOf(shard, client("c1"));
  const parcels = await shard.handOver(["asker"]);
  const { revision } = await fleet().map();
  const to = number + 1;
  const map = { revision: revision + 1, shards: [number, to], overrides: { asker: to }, previousShards: [number] };
  await shardStub(to).publish(map, null);
  await shardStub(to).takeOver(parcels);
  await shard.publish(map, null);
  expect(await connectionOf(shardStub(to), client("c1"))).toEqual(before);
  expect(server.ended).toEqual([]);
  const left = await runInDurableObject(shard, (_shard, { storage }) => {
    return storage.sql.exec("SELECT * FROM conversation").toArray();
  });
  expect(left).toEqual([]);
});

it("ends the conversations of a server that is deleted, and drops those of one whose address has changed", async () => {
  const { server, shard } = await asking();
  const one = await connectionOf(shard, client("c1"));
  valueOf(await fleet().replaceServer(recordOf(server, { url: `${server.url}/v2`, updatedAt: 2 }), actor));
  valueOf(await shard.whenSettled("asker", 5_000));
  const two = await connectionOf(shard, client("c1"));
  expect(two).toMatchObject({ url: `${server.url}/v2` });
  expect(two.sessionId).not.toBe(one.sessionId);
  valueOf(await fleet().deleteServer("asker", actor));
  await vi.waitFor(() => expect(server.ended).toContain(two.sessionId));
  expect(server.ended).not.toContain(one.sessionId);
});

it("lets one hung server with many conversations hold up no other", async () => {
  const asker = new AskingServer("asker.example", { run: async () => ({}) });
  const files = new AskingServer("files.example", { read: async () => ({}) });
  const wire = connectTo(asker, files);
  valueOf(await fleet().setShards(1, actor));
  await register(asker, { timeoutMs: 500 });
  await register(files);
  asker.mood = "hanging";
  const before = asker.seenHeaders.length;
  const hung = Array.from({ length: 12 }, (_, n) =>
    shardStub(1).route(routeAsk("asker", "run", { conversation: client(`c${n}`) })),
  );
  await vi.waitFor(() => expect(asker.seenHeaders.length - before).toBe(2));
  expect(codeOf(await shardStub(1).route(routeAsk("files", "read", { conversation: client("c") })))).toBe("ok");
  expect(new Set((await Promise.all(hung)).map(codeOf))).toEqual(new Set(["server_timeout"]));
  // Two that found out for all of them, and the look at the server that follows.
  expect(asker.seenHeaders.length - before).toBeLessThanOrEqual(4);
  expect(wire.mostAtOnce).toBeLessThanOrEqual(4);
  asker.mood = "well";
});

it("keeps no capability and no credential of a conversation on disk", async () => {
  const server = new AskingServer("asker.example", { run: async () => ({}) });
  connectTo(server);
  const keyring = await openKeyring(env.PATCHBAY_SECRET);
  const headers = { authorization: "Bearer very-secret" };
  const { number } = await register(server, {
    sealedHeaders: await seal(keyring, JSON.stringify(headers), "server:asker"),
  });
  const shard = shardStub(number);
  expect(await connectionOf(shard, client("c1", `{"experimental":{"odd":{}}}`))).toMatchObject({ headers });
  const disk = await runInDurableObject(shard, (_shard, { storage }) => {
    return JSON.stringify(storage.sql.exec("SELECT * FROM conversation").toArray());
  });
  expect(disk).toContain("session-2");
  expect(disk).not.toContain("very-secret");
  expect(disk).not.toContain("odd");
});
