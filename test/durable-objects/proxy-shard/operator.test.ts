import { reset } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { connectTo, FakeServer } from "./fake-server.ts";
import { actor, codeOf, fleet, recordOf, register, routeAsk, shardAt, valueOf } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
});

it("finds everything out anew when an operator asks for a check", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await register(files);
  files.tools = [{ name: "read" }, { name: "write" }];
  expect(valueOf(await shard.check("files"))).toMatchObject({ state: "ready", tools: 2 });
  expect(files.initializes).toBe(2);
  files.mood = "failing";
  expect(valueOf(await shard.check("files")).state).toBe("down");
  files.mood = "well";
  expect(valueOf(await shard.check("files")).state).toBe("ready");
});

it("connects anew at once when an operator changes the address", async () => {
  const [files, moved] = [new FakeServer("files.example", ["read"]), new FakeServer("moved.example", ["read", "x"])];
  connectTo(files, moved);
  const place = await register(files);
  valueOf(await fleet().replaceServer(recordOf(files, { url: moved.url, updatedAt: 2 }), actor));
  valueOf(await place.shard.whenSettled("files", 5_000));
  const [replica] = valueOf(await place.shard.route(routeAsk("files", "x"))).replicas;
  expect(replica).toMatchObject({ url: moved.url, sessionId: moved.session });
});

it("counts only the address as it is now when it changes during a first connection", async () => {
  const [files, moved] = [new FakeServer("files.example", ["old"]), new FakeServer("moved.example", ["new"])];
  files.mood = "hanging";
  connectTo(files, moved);
  const placed = valueOf(await fleet().registerServer(recordOf(files), actor));
  const shard = shardAt(placed.shard);
  await shard.own([recordOf(files, { url: moved.url, updatedAt: 2 })]);
  files.mood = "well";
  await vi.waitFor(async () => expect(codeOf(await shard.route(routeAsk("files", "new")))).toBe("ok"), {
    timeout: 5_000,
  });
  expect(codeOf(await shard.route(routeAsk("files", "old")))).toBe("unknown_tool");
});

it("disables and enables a server as its record says", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await register(files);
  await shard.own([recordOf(files, { disabled: true, updatedAt: 2 })]);
  expect(await shard.health()).toMatchObject([{ state: "disabled" }]);
  expect(valueOf(await shard.tools({ limit: 10 }))).toEqual([]);
  await shard.own([recordOf(files, { updatedAt: 3 })]);
  expect(codeOf(await shard.route(routeAsk("files", "read")))).toBe("ok");
});

it("pays no heed to a record that is older than its own", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await register(files, { updatedAt: 5 });
  await shard.own([recordOf(files, { disabled: true, updatedAt: 4 })]);
  expect(await shard.health()).toMatchObject([{ state: "ready" }]);
});
