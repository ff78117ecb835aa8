import { evictDurableObject, reset } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { connectTo, FakeServer } from "./fake-server.ts";
import { actor, codeOf, fleet, recordOf, register, routeAsk, shardAt, shardStub, valueOf } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it("makes one new connection for ten callers who found the same one lost", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await register(files);
  files.forgetSessions();
  const made = await Promise.all(Array.from({ length: 10 }, () => shard.reconnect("files", "1", 1)));
  expect(files.initializes).toBe(2);
  expect(made.map((one) => valueOf(one).generation)).toEqual(Array.from({ length: 10 }, () => 2));
  expect(new Set(made.map((one) => valueOf(one).sessionId))).toEqual(new Set([files.session]));
});

it("answers a late report of a lost connection with the one that was made since", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await register(files);
  await shard.reconnect("files", "1", 1);
  expect(valueOf(await shard.reconnect("files", "1", 1)).generation).toBe(2);
  expect(files.initializes).toBe(2);
  expect(valueOf(await shard.reconnect("files", "1", 2)).generation).toBe(3);
});

it("leases the new connection from then on", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await register(files);
  files.forgetSessions();
  await shard.reconnect("files", "1", 1);
  const [replica] = valueOf(await shard.route(routeAsk("files", "read"))).replicas;
  expect(replica).toMatchObject({ generation: 2, sessionId: files.session });
});

it("says that nothing ran when a new connection cannot be made, and takes the server for down", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await register(files);
  files.mood = "failing";
  expect(await shard.reconnect("files", "1", 1)).toMatchObject({
    failure: { code: "server_status", execution: "not_executed" },
  });
  expect(codeOf(await shard.route(routeAsk("files", "read")))).toBe("server_down");
});

it("goes on with its connections after an eviction, without a handshake", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { number, shard } = await register(files);
  const before = valueOf(await shard.route(routeAsk("files", "read")));
  await evictDurableObject(shardStub(number));
  expect(valueOf(await shard.route(routeAsk("files", "read")))).toEqual(before);
  expect(files.initializes).toBe(1);
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
