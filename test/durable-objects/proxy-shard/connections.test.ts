import { evictDurableObject, reset } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { ProxyShardRpc } from "../../../core/contract/shard-rpc.ts";
import { connectTo, FakeServer } from "./fake-server.ts";
import { actor, codeOf, fleet, recordOf, register, routeAsk, shardAt, shardStub, valueOf } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A server that is listed and has been called. */
async function called() {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard, number } = await register(files);
  return { files, shard, number, first: await connectionOf(shard) };
}

async function connectionOf(shard: ProxyShardRpc) {
  const [replica] = valueOf(await shard.route(routeAsk("files", "read"))).replicas;
  if (replica === undefined) throw new Error("a route without a replica");
  return replica;
}

it("reads what a server offers as one who can be asked everything, and calls it as one who cannot", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await register(files);
  const asker = {
    elicitation: { form: {}, url: {} },
    sampling: { context: {}, tools: {} },
    roots: { listChanged: true },
  };
  await shard.check("files");
  expect(files.told, "a server that is only listed sees nobody else").toEqual([asker, asker]);
  const made = await Promise.all(Array.from({ length: 10 }, () => connectionOf(shard)));
  expect(new Set(made.map(({ sessionId }) => sessionId))).toEqual(new Set([files.session]));
  await connectionOf(shard);
  expect(files.told).toEqual([asker, asker, {}]);
});

it("calls a server that opens no second session over the one that it has", async () => {
  const files = new FakeServer("files.example", ["read"]);
  files.isSingle = true;
  const wire = connectTo(files);
  const { shard } = await register(files);
  expect(await connectionOf(shard)).toMatchObject({ generation: 1, sessionId: files.session });
  const { dials } = wire;
  expect(await connectionOf(shard)).toMatchObject({ generation: 1 });
  expect(wire.dials, "and does not ask it again and again").toBe(dials);
  files.forgetSessions();
  const made = await Promise.all(Array.from({ length: 10 }, () => shard.reconnect("files", "1", 1)));
  expect(new Set(made.map((one) => valueOf(one).sessionId))).toEqual(new Set([files.session]));
  expect(files.initializes).toBe(2);
});

it("makes one new connection for ten callers who found the same one lost", async () => {
  const { files, shard, first } = await called();
  files.forgetSessions();
  const made = await Promise.all(Array.from({ length: 10 }, () => shard.reconnect("files", "1", first.generation)));
  expect(files.initializes).toBe(3);
  expect(new Set(made.map((one) => valueOf(one).generation)).size).toBe(1);
  expect(new Set(made.map((one) => valueOf(one).sessionId))).toEqual(new Set([files.session]));
});

it("answers a late report of a lost connection with the one that was made since", async () => {
  const { files, shard, first } = await called();
  const second = valueOf(await shard.reconnect("files", "1", first.generation));
  expect(second.generation).toBeGreaterThan(first.generation);
  expect(valueOf(await shard.reconnect("files", "1", first.generation))).toEqual(second);
  expect(files.initializes).toBe(3);
  const third = valueOf(await shard.reconnect("files", "1", second.generation));
  expect(third.generation).toBeGreaterThan(second.generation);
});

it("leases the new connection from then on", async () => {
  const { files, shard, first } = await called();
  files.forgetSessions();
  const made = valueOf(await shard.reconnect("files", "1", first.generation));
  expect(await connectionOf(shard)).toEqual(made);
  expect(made.sessionId).toBe(files.session);
});

it("says that nothing ran when a new connection cannot be made, and takes the server for down", async () => {
  const { files, shard, first } = await called();
  files.mood = "failing";
  expect(await shard.reconnect("files", "1", first.generation)).toMatchObject({
    failure: { code: "server_status", execution: "not_executed" },
  });
  const route = async () => codeOf(await shard.route(routeAsk("files", "read")));
  await vi.waitFor(async () => expect(await route()).toBe("server_down"), { timeout: 5_000 });
});

it("goes on with its connections after an eviction, without a handshake", async () => {
  const { files, shard, number, first } = await called();
  await evictDurableObject(shardStub(number));
  expect(await connectionOf(shard)).toEqual(first);
  expect(files.initializes).toBe(2);
});

it("keeps the session but not the credential on disk", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { openKeyring } = await import("../../../core/secrets/keyring.ts");
  const { seal } = await import("../../../core/secrets/seal.ts");
  const { env } = await import("cloudflare:workers");
  const keyring = await openKeyring(env.PATCHBAY_SECRET);
  const sealedHeaders = await seal(keyring, JSON.stringify({ authorization: "Bearer very-secret" }), "server:files");
  const { number } = await register(files, { sealedHeaders });
  const { runInDurableObject } = await import("cloudflare:test");
  const disk = await runInDurableObject(shardStub(number), (_shard, state) => {
    const tables = ["placement", "api_key", "server", "connection", "catalog", "tool", "entry", "traffic"];
    return JSON.stringify(tables.map((table) => state.storage.sql.exec(`SELECT * FROM ${table}`).toArray()));
  });
  expect(disk).toContain(files.session);
  expect(disk).not.toContain("very-secret");
});

it("has at most five dials under way, whatever there is to connect, and one left for a caller who waits", async () => {
  const hung = Array.from({ length: 20 }, (_, n) => new FakeServer(`hung-${n}.example`, ["read"]));
  for (const server of hung) server.mood = "hanging";
  const files = new FakeServer("files.example", ["read"]);
  const wire = connectTo(...hung, files);
  valueOf(await fleet().setShards(1, actor));
  const records = [...hung, files].map((server) => recordOf(server, { timeoutMs: 5_000 }));
  valueOf(await fleet().registerServers(records, actor));
  const shard = shardAt(1);
  await vi.waitFor(() => expect(wire.mostAtOnce).toBe(4));
  expect(codeOf(await shard.route(routeAsk("files", "read")))).toBe("ok");
  const refused = hung.slice(0, 8).map(({ host }) => shard.route(routeAsk(host.split(".")[0] ?? "", "read")));
  await vi.waitFor(() => expect(wire.mostAtOnce).toBe(5));
  for (const server of hung) server.mood = "well";
  expect((await Promise.all(refused)).map(codeOf)).toEqual(Array.from({ length: 8 }, () => "ok"));
  await vi.waitFor(async () => expect((await shard.status()).states).toEqual({ ready: 21 }), { timeout: 10_000 });
  expect(wire.mostAtOnce).toBe(5);
});
