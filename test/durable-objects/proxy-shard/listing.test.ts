import { reset } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { ListedTool, ToolQuery } from "../../../core/contract/catalog.ts";
import type { ProxyShardRpc } from "../../../core/contract/shard-rpc.ts";
import { Fleet } from "../../../durable-objects/fleet/fleet.ts";
import { connectTo, FakeServer, type FakeTool } from "./fake-server.ts";
import { actor, codeOf, fleet, register, shardAt, valueOf } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
});

/** One shard with these servers. */
async function shardWith(...servers: readonly FakeServer[]): Promise<ProxyShardRpc> {
  connectTo(...servers);
  valueOf(await fleet().setShards(1, actor));
  for (const server of servers) await register(server);
  return shardAt(1);
}

async function allPages(shard: ProxyShardRpc, query: ToolQuery): Promise<ListedTool[]> {
  const listed: ListedTool[] = [];
  for (;;) {
    const after = listed.at(-1);
    const page = valueOf(await shard.tools(after === undefined ? query : { ...query, after }));
    listed.push(...page);
    if (page.length < query.limit) return listed;
  }
}

function namesOf(tools: readonly ListedTool[]): string[] {
  return tools.map(({ name }) => name);
}

function numbered(count: number): FakeTool[] {
  return Array.from({ length: count }, (_, n) => ({ name: `tool_${n}`, description: `Does thing number ${n}` }));
}

it("lists all tools by qualified name, page by page, none twice and none left out", async () => {
  const shard = await shardWith(new FakeServer("b.example", numbered(230)), new FakeServer("a.example", numbered(30)));
  const whole = valueOf(await shard.tools({ limit: 1_000 }));
  expect(whole).toHaveLength(260);
  expect(namesOf(whole)).toEqual(namesOf(whole).sort());
  for (const limit of [1, 7, 130]) expect(await allPages(shard, { limit })).toEqual(whole);
});

it("hands out each definition as its server wrote it", async () => {
  const shard = await shardWith(new FakeServer("files.example", [{ name: "read", description: "Reads 1e400 files" }]));
  const [tool] = valueOf(await shard.tools({ limit: 10 }));
  const definition = `{"name":"read","description":"Reads 1e400 files","inputSchema":{"type":"object"}}`;
  expect(tool).toEqual({ name: "files__read", server: "files", definition, rank: 0, stale: false });
  expect(await shard.toolDefinition("files", "read")).toEqual({ ok: true, value: definition });
});

it("fills a page with what the caller may use, however little of the whole that is", async () => {
  const shard = await shardWith(new FakeServer("files.example", numbered(400)));
  const allow = ["files__tool_*9"];
  const listed = await allPages(shard, { allow, limit: 6 });
  expect(listed).toHaveLength(40);
  expect(valueOf(await shard.tools({ allow, limit: 40 }))).toHaveLength(40);
  expect(valueOf(await shard.tools({ allow: [], limit: 40 }))).toEqual([]);
});

it("lists one server's tools when asked for them", async () => {
  const shard = await shardWith(new FakeServer("a.example", ["x"]), new FakeServer("b.example", ["x", "y"]));
  expect(namesOf(await allPages(shard, { server: "b", limit: 1 }))).toEqual(["b__x", "b__y"]);
  expect(codeOf(await shard.tools({ server: "c", limit: 1 }))).toBe("unknown_server");
});

it("finds tools by the beginnings of words in name, description and server, names first", async () => {
  const shard = await shardWith(
    new FakeServer("memory.example", [
      { name: "read_graph", description: "Read everything that is known" },
      { name: "readGraphFast", description: "The same in a hurry" },
      { name: "open_nodes", description: "Opens nodes of the graph by name" },
      { name: "forget", description: "Forgets it all" },
    ]),
    new FakeServer("files.example", numbered(40)),
  );
  const found = async (q: string) => namesOf(await allPages(shard, { q, limit: 2 }));
  expect(await found("graph")).toEqual(["memory__read_graph", "memory__readGraphFast", "memory__open_nodes"]);
  expect((await found("GRAP rea")).sort()).toEqual(["memory__readGraphFast", "memory__read_graph"]);
  expect((await found("memory")).sort()).toEqual(
    ["memory__forget", "memory__open_nodes", "memory__readGraphFast", "memory__read_graph"].sort(),
  );
  expect(await found("nothing of the kind")).toEqual([]);
});

it("takes nothing in a search for syntax", async () => {
  const shard = await shardWith(new FakeServer("files.example", ["read"]));
  for (const q of [`"`, `read" OR "x`, "read*", "name:read", "NEAR(read)", "-read", "a'; DROP TABLE tool", "(", "^"]) {
    expect(codeOf(await shard.tools({ q, limit: 10 }))).toBe("ok");
  }
  expect(namesOf(valueOf(await shard.tools({ q: "read*", limit: 10 })))).toEqual(["files__read"]);
  expect(valueOf(await shard.tools({ q: "!?", limit: 10 }))).toEqual([]);
  expect(namesOf(valueOf(await shard.tools({ q: "  ", limit: 10 })))).toEqual(["files__read"]);
});

it("finds by its new words, and no more by its old ones, a tool that has changed", async () => {
  const files = new FakeServer("files.example", ["gone", { name: "read", description: "alpha" }]);
  const shard = await shardWith(files);
  files.tools = [{ name: "read", description: "omega" }];
  await shard.check("files");
  const found = async (q: string) => namesOf(valueOf(await shard.tools({ q, limit: 10 })));
  expect([await found("alpha"), await found("omega"), await found("gone")]).toEqual([[], ["files__read"], []]);
});

it("goes on listing the tools of a server that is down, and says that they may be out of date", async () => {
  const [files, notes] = [new FakeServer("files.example", ["read"]), new FakeServer("notes.example", ["add"])];
  const shard = await shardWith(files, notes);
  files.mood = "failing";
  await shard.check("files");
  expect(valueOf(await shard.tools({ limit: 10 }))).toMatchObject([
    { name: "files__read", stale: true },
    { name: "notes__add", stale: false },
  ]);
});

it("says that it cannot know, and not that there is nothing, when it has no map and Fleet is away", async () => {
  vi.spyOn(Fleet.prototype, "map").mockRejectedValue(new Error("Fleet is away"));
  expect(codeOf(await shardAt(9).tools({ limit: 10 }))).toBe("fleet_unavailable");
});

it("names the servers that have a tool of a bare name", async () => {
  const shard = await shardWith(new FakeServer("a.example", ["x"]), new FakeServer("b.example", ["x", "y"]));
  expect(await shard.serversWithTool("x")).toEqual(["a", "b"]);
  expect(await shard.serversWithTool("y")).toEqual(["b"]);
  expect(await shard.serversWithTool("z")).toEqual([]);
});

it("writes nothing for tools that are as they were", async () => {
  const files = new FakeServer("files.example", numbered(200));
  const shard = await shardWith(files);
  const before = (await shard.status()).rowsWritten;
  await shard.check("files");
  expect(files.lists).toBe(2);
  expect((await shard.status()).rowsWritten - before).toBeLessThan(5);
});
