import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { qualify } from "../../../core/policies/names.ts";
import { openKeyring } from "../../../core/secrets/keyring.ts";
import { seal } from "../../../core/secrets/seal.ts";
import { env } from "cloudflare:workers";
import { connectTo, FakeServer } from "./fake-server.ts";
import { actor, codeOf, fleet, recordOf, register, routeAsk, shardAt, shardStub, valueOf } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it("tells where a tool lives and how to speak to its server", async () => {
  const files = new FakeServer("files.example", ["read", "write"]);
  connectTo(files);
  const { shard } = await register(files, { timeoutMs: 5_000, maxAnswerBytes: 4_096, trusted: true });
  expect(await shard.route(routeAsk("files", "read"))).toEqual({
    ok: true,
    value: {
      server: "files",
      tool: { name: "read", paramHeaders: [], readOnly: false, idempotent: false },
      replicas: [
        {
          replica: "1",
          url: "https://files.example/mcp",
          kind: "http",
          era: "legacy",
          protocolVersion: "2025-11-25",
          sessionId: files.session,
          headers: {},
          network: "public",
          generation: expect.any(Number),
        },
      ],
      timeoutMs: 5_000,
      maxAnswerBytes: 4_096,
      trusted: true,
      tokens: Infinity,
      limits: [],
      lifeMs: 2_000,
      inFlight: 256,
    },
  });
});

it("finds a tool by the shortened half of its qualified name", async () => {
  const long = "a_tool_with_a_very_long_name_that_no_client_would_take_as_it_is_now";
  const files = new FakeServer("files.example", [long, "files.read"]);
  connectTo(files);
  const { shard } = await register(files);
  for (const tool of [long, "files.read"]) {
    const shortened = qualify("files", tool).slice("files__".length);
    expect(shortened).not.toBe(tool);
    expect(valueOf(await shard.route(routeAsk("files", shortened))).tool?.name).toBe(tool);
  }
});

it("opens the sealed credential for the lease", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const headers = { authorization: "Bearer secret-of-files" };
  const keyring = await openKeyring(env.PATCHBAY_SECRET);
  const sealedHeaders = await seal(keyring, JSON.stringify(headers), "server:files");
  const { shard } = await register(files, { sealedHeaders, headerNames: ["authorization"] });
  expect(valueOf(await shard.route(routeAsk("files", "read"))).replicas[0]?.headers).toEqual(headers);
  expect(files.seenHeaders.every((seen) => seen.get("authorization") === headers.authorization)).toBe(true);
});

it("keeps a server down whose credential was sealed for another one", async () => {
  const files = new FakeServer("files.example", ["read"]);
  const wire = connectTo(files);
  const sealedHeaders = await seal(await openKeyring(env.PATCHBAY_SECRET), `{"x":"y"}`, "server:other");
  const { shard } = await register(files, { sealedHeaders });
  const refused = await shard.route(routeAsk("files", "read"));
  expect(refused).toMatchObject({ failure: { code: "server_down", evidence: expect.stringContaining("credential") } });
  expect(wire.dials).toBe(0);
});

it("names near tools when there is no such tool", async () => {
  const files = new FakeServer("files.example", ["read_file", "write_file"]);
  connectTo(files);
  const { shard } = await register(files);
  expect(await shard.route(routeAsk("files", "raed_file"))).toEqual({
    ok: false,
    failure: { code: "unknown_tool", tool: "files__raed_file", nearest: expect.arrayContaining(["files__read_file"]) },
  });
});

it("reads a catalog anew that is older than two seconds before it calls a tool unknown, and not a younger one", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await register(files);
  files.tools = [...files.tools, { name: "brand_new" }];
  expect(codeOf(await shard.route(routeAsk("files", "brand_new")))).toBe("unknown_tool");
  expect(files.lists).toBe(1);
  vi.setSystemTime(Date.now() + 2_500);
  const routes = await Promise.all([1, 2, 3].map(() => shard.route(routeAsk("files", "brand_new"))));
  expect(routes.map(codeOf)).toEqual(["ok", "ok", "ok"]);
  expect(files.lists).toBe(2);
});

it("says moved, with its map's revision, when asked for a server of another shard", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { number } = await register(files);
  const { revision, shards } = await fleet().map();
  const other = shards.find((shard) => shard !== number) ?? 0;
  expect(await shardAt(other).route(routeAsk("files", "read"))).toEqual({
    ok: false,
    failure: { code: "moved", revision },
  });
});

it("names near servers when Fleet knows no such server, and remembers that for a moment", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  await register(files);
  const asked = vi.spyOn((await import("../../../durable-objects/fleet/fleet.ts")).Fleet.prototype, "server");
  const { shards } = await fleet().map();
  const answers = await Promise.all(shards.map((shard) => shardAt(shard).route(routeAsk("fliles", "read"))));
  const known = answers.findIndex((answer) => codeOf(answer) === "unknown_server");
  expect(answers[known]).toMatchObject({ failure: { server: "fliles", nearest: ["files"] } });
  await shardAt(shards[known] ?? 0).route(routeAsk("fliles", "read"));
  expect(asked).toHaveBeenCalledTimes(1);
});

it("refuses a disabled server without dialling it", async () => {
  const files = new FakeServer("files.example", ["read"]);
  const wire = connectTo(files);
  const { shard } = await register(files, { disabled: true });
  expect(await shard.route(routeAsk("files", "read"))).toMatchObject({
    failure: { code: "server_disabled", execution: "not_executed" },
  });
  expect(wire.dials).toBe(0);
});

it("waits for a first connection under way and dials once for all who wait", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await fleet()
    .registerServer(recordOf(files), actor)
    .then((placed) => ({ shard: shardAt(valueOf(placed).shard) }));
  const routes = await Promise.all([1, 2, 3, 4].map(() => shard.route(routeAsk("files", "read"))));
  expect(routes.map(codeOf)).toEqual(["ok", "ok", "ok", "ok"]);
  expect(files.initializes, "to list it, and to call it").toBe(2);
});

it("gives up waiting for a first connection when the server's own deadline is over", async () => {
  const files = new FakeServer("files.example", ["read"]);
  files.mood = "hanging";
  connectTo(files);
  const placed = valueOf(await fleet().registerServer(recordOf(files, { timeoutMs: 200 }), actor));
  const refused = await shardAt(placed.shard).route(routeAsk("files", "read"));
  expect(refused).toMatchObject({ failure: { server: "files", execution: "not_executed" } });
  expect(["server_down", "server_timeout"]).toContain(codeOf(refused));
});

it("leases a server's own limit exactly, and says when to come back", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await register(files, { limit: { perMinute: 1, burst: 3 } });
  const asks = await Promise.all([1, 2, 3, 4, 5].map(() => shard.route(routeAsk("files", "read"))));
  const granted = asks.map((ask) => (ask.ok ? ask.value.tokens : 0)).reduce((sum, tokens) => sum + tokens, 0);
  expect(granted).toBe(3);
  expect(asks.at(-1)).toMatchObject({
    failure: { code: "rate_limited", limit: "server", quota: 3, windowSeconds: 180 },
  });
});

it("takes no token for a tool that does not exist", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { shard } = await register(files, { limit: { perMinute: 1, burst: 1 } });
  expect(codeOf(await shard.route(routeAsk("files", "no_such_thing")))).toBe("unknown_tool");
  expect(codeOf(await shard.route(routeAsk("files", "read")))).toBe("ok");
});

it("asks Fleet for a server that its map says is its own, when its rows are gone", async () => {
  const files = new FakeServer("files.example", ["read"]);
  connectTo(files);
  const { number, shard } = await register(files);
  await shard.disown(["files"]);
  expect(await shard.health()).toEqual([]);
  expect(codeOf(await shard.route(routeAsk("files", "read")))).toBe("ok");
  expect((await shardAt(number).health()).map(({ id }) => id)).toEqual(["files"]);
});

it("asks Fleet for all of its servers when its whole disk is gone", async () => {
  const [files, notes] = [new FakeServer("files.example", ["read"]), new FakeServer("notes.example", ["add"])];
  connectTo(files, notes);
  const places = [await register(files), await register(notes)];
  for (const { number } of places) {
    await runInDurableObject(shardStub(number), (_shard, state) => state.storage.deleteAll());
    await evictDurableObject(shardStub(number));
  }
  for (const { id, number } of places) {
    expect((await shardAt(number).health()).map((server) => server.id)).toContain(id);
  }
});
