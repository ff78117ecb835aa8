import { evictDurableObject, reset } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { connectTo, FakeServer } from "./fake-server.ts";
import { actor, codeOf, fleet, recordOf, register, routeAsk, shardAt, shardStub, valueOf } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
});

const receipt = {
  server: "files",
  replica: "1",
  tool: "read",
  result: "ok",
  at: 1,
  latencyMs: 9,
  bytesIn: 1,
  bytesOut: 2,
};

it("carries connection, catalog, traffic and bucket in a parcel, so that a move needs no handshake", async () => {
  const files = new FakeServer("files.example", ["read", { name: "search", description: "finds words" }]);
  const wire = connectTo(files);
  const { shard, number } = await register(files, { limit: { perMinute: 1, burst: 5 } });
  const before = valueOf(await shard.route(routeAsk("files", "read")));
  await shard.settle([receipt]);
  const [health] = await shard.health();
  const { dials } = wire;

  const to = number + 1;
  const { revision } = await fleet().map();
  const parcels = await shard.handOver(["files", "unheard-of"]);
  expect(parcels.map(({ record }) => record.id)).toEqual(["files"]);
  const next = shardAt(to);
  const map = { revision: revision + 1, shards: [number, to], overrides: { files: to }, previousShards: [number] };
  await next.publish({ ...map, revision, overrides: { files: number } }, null);
  await next.takeOver(parcels);
  await next.publish(map, null);
  await shard.publish(map, null);

  const after = valueOf(await next.route(routeAsk("files", "read", { revision: map.revision })));
  expect(after).toEqual({ ...before, limits: after.limits });
  expect([before.limits[0]?.remaining, after.limits[0]?.remaining]).toEqual([4, 3]);
  expect(await next.health()).toEqual([health]);
  expect(valueOf(await next.tools({ q: "words", limit: 5 })).map(({ name }) => name)).toEqual(["files__search"]);
  expect(wire.dials).toBe(dials);
  expect(files.ended).toEqual([]);
});

it("goes on answering for what it has handed over until the map says otherwise, and then forgets it", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard, number } = await register(files);
  await shard.handOver(["files"]);
  expect(codeOf(await shard.route(routeAsk("files", "read")))).toBe("ok");
  const { revision, shards } = await fleet().map();
  const map = { revision: revision + 1, shards, overrides: { files: number + 100 }, previousShards: shards };
  await shard.publish(map, null);
  expect(await shard.status()).toMatchObject({ servers: 0, tools: 0, states: {}, revision: revision + 1 });
  expect(codeOf(await shard.route(routeAsk("files", "read")))).toBe("moved");
});

it("connects anew when a parcel does not open", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await register(files);
  await shard.disown(["files"]);
  await shard.takeOver([{ record: recordOf(files), rows: "of another release" }]);
  expect(valueOf(await shard.whenSettled("files", 5_000)).state).toBe("ready");
  expect(files.initializes).toBe(2);
});

it("keeps its own newer connection when a parcel comes twice", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  files.isSingle = true;
  const { shard } = await register(files);
  const parcels = await shard.handOver(["files"]);
  files.forgetSessions();
  await shard.reconnect("files", "1", 1);
  await shard.takeOver(parcels);
  expect(valueOf(await shard.route(routeAsk("files", "read"))).replicas[0]?.generation).toBe(2);
});

it("moves servers with their connections when the number of shards changes", async () => {
  const servers = Array.from({ length: 12 }, (_, n) => new FakeServer(`server-${n}.example`, ["read"]));
  connectTo(...servers);
  for (const server of servers) await register(server);
  const { moved, perShard } = valueOf(await fleet().setShards(5, actor));
  expect(moved).toBeGreaterThan(0);
  const states = await Promise.all([1, 2, 3, 4, 5].map((shard) => shardAt(shard).status()));
  expect(states.map(({ servers: held }) => held)).toEqual([1, 2, 3, 4, 5].map((shard) => perShard[shard]));
  expect(states.every(({ states: { ready }, servers: held }) => (ready ?? 0) === held)).toBe(true);
  expect(servers.map(({ initializes }) => initializes)).toEqual(servers.map(() => 1));
  expect(servers.flatMap(({ ended }) => ended)).toEqual([]);
});

it("ends the session of a server that is deleted, and forgets all about it", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard, number } = await register(files);
  const { session } = files;
  valueOf(await fleet().deleteServer("files", actor));
  await vi.waitFor(() => expect(files.ended).toEqual([session]));
  await evictDurableObject(shardStub(number));
  expect(await shard.health()).toEqual([]);
  expect(valueOf(await shard.tools({ limit: 5 }))).toEqual([]);
  expect(codeOf(await shard.route(routeAsk("files", "read")))).toBe("unknown_server");
});

it("drops a server that came on a move that did not come about, when the same map is told again", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard, number } = await register(files);
  const map = await fleet().map();
  const other = shardAt(map.shards.find((one) => one !== number) ?? 0);
  await other.takeOver(await shard.handOver(["files"]));
  await other.publish(map, null);
  expect(await other.handOver(["files"])).toEqual([]);
  expect(codeOf(await shard.route(routeAsk("files", "read")))).toBe("ok");
});

it("pays no heed to a map that is older than its own", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard, number } = await register(files);
  const map = await fleet().map();
  const newer = { ...map, revision: map.revision + 2 };
  await shard.publish(newer, null);
  await shard.publish({ ...map, revision: map.revision + 1, overrides: { files: number + 1 } }, null);
  expect(await shard.map()).toEqual(newer);
  expect(codeOf(await shard.route(routeAsk("files", "read")))).toBe("ok");
});

it("remembers its map through an eviction, and needs Fleet for none of it", async () => {
  const files = new FakeServer("files.example", []);
  connectTo(files);
  const { number } = await register(files);
  const map = await shardAt(number).map();
  expect(map.revision).toBeGreaterThan(0);
  const { Fleet } = await import("../../../durable-objects/fleet/fleet.ts");
  const asked = vi.spyOn(Fleet.prototype, "map");
  await evictDurableObject(shardStub(number));
  expect(await shardAt(number).map()).toEqual(map);
  expect(asked).not.toHaveBeenCalled();
});
