import { evictDurableObject, reset } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { EntryQuery, ListedEntry } from "../../../core/contract/conversation.ts";
import { AskingServer } from "./asking-server.ts";
import { connectTo, FakeServer } from "./fake-server.ts";
import { actor, codeOf, fleet, recordOf, register, shardAt, shardStub, valueOf } from "./fleet-of.ts";
import { OfferingServer } from "./offering-server.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** One shard with these servers. */
async function shardWith(...servers: readonly FakeServer[]) {
  connectTo(...servers);
  valueOf(await fleet().setShards(1, actor));
  for (const server of servers) await register(server);
  return shardStub(1);
}

type Shard = Awaited<ReturnType<typeof shardWith>>;

async function allPages(shard: Shard, query: EntryQuery): Promise<ListedEntry[]> {
  const listed: ListedEntry[] = [];
  for (;;) {
    const last = listed.at(-1);
    const after = last && { name: last.name, server: last.server };
    const page = await shard.listed({ ...query, ...(after ? { after } : {}) });
    listed.push(...page);
    if (page.length < query.limit) return listed;
  }
}

const placesOf = (entries: readonly ListedEntry[]) => entries.map(({ name, server }) => [name, server]);

it("lists entries by name and then by server, page by page, each as its server wrote it", async () => {
  const prompts = Array.from({ length: 130 }, (_, n) => `prompt_${n}`);
  const shard = await shardWith(
    new OfferingServer("b.example", { prompts: ["same", ...prompts], resources: ["file:///b"] }),
    new OfferingServer("a.example", { prompts: ["zebra", "same"], templates: ["file:///{x}"] }),
  );
  const whole = await shard.listed({ what: "prompts", limit: 1_000 });
  expect(placesOf(whole)).toEqual([
    ...prompts.toSorted().map((name) => [name, "b"]),
    ["same", "a"],
    ["same", "b"],
    ["zebra", "a"],
  ]);
  expect(whole.at(-1)).toEqual({ name: "zebra", server: "a", definition: `{"name":"zebra"}`, stale: false });
  for (const limit of [1, 7, 100]) expect(await allPages(shard, { what: "prompts", limit })).toEqual(whole);
  expect(placesOf(await shard.listed({ what: "prompts", server: "a", limit: 10 }))).toEqual([
    ["same", "a"],
    ["zebra", "a"],
  ]);
  expect(placesOf(await shard.listed({ what: "resources", limit: 10 }))).toEqual([["file:///b", "b"]]);
  expect(placesOf(await shard.listed({ what: "templates", limit: 10 }))).toEqual([["file:///{x}", "a"]]);
});

it("goes on listing what a server offers that is down, says so, and lists nothing of a disabled one", async () => {
  const [files, notes] = [
    new OfferingServer("files.example", { prompts: ["read"], resources: ["x://1"], templates: ["y://{id}"] }),
    new OfferingServer("notes.example", { prompts: ["add"] }),
  ];
  const shard = await shardWith(files, notes);
  files.mood = "failing";
  await shard.check("files");
  const stale = async () =>
    (await shard.listed({ what: "prompts", limit: 9 })).map(({ name, stale: old }) => [name, old]);
  expect(await stale()).toEqual([
    ["add", false],
    ["read", true],
  ]);
  expect(await shard.serversWithPrompt("read")).toEqual(["files"]);
  await shard.own([recordOf(files, { disabled: true, updatedAt: 2 })]);
  expect(await stale()).toEqual([["add", false]]);
  expect(await shard.serversWithPrompt("read")).toEqual([]);
  expect(await shard.serversWithResource("x://1")).toEqual({ listed: [], matching: [] });
  expect(await shard.serversWithResource("y://1")).toEqual({ listed: [], matching: [] });
});

it("names the servers that list a resource, and those whose templates match it", async () => {
  const shard = await shardWith(
    new OfferingServer("c.example", { resources: ["file:///a.txt"], templates: ["file:///{name}"] }),
    new OfferingServer("b.example", { templates: ["file:///{name}", "file:///{other}"] }),
    new OfferingServer("a.example", { resources: ["file:///a.txt"] }),
  );
  expect(await shard.serversWithResource("file:///a.txt")).toEqual({ listed: ["a", "c"], matching: ["b"] });
  expect(await shard.serversWithResource("file:///b.txt")).toEqual({ listed: [], matching: ["b", "c"] });
  expect(await shard.serversWithResource("file:///b/c.txt")).toEqual({ listed: [], matching: [] });
});

it("introduces a server with its own words, across restarts, moves and outages", async () => {
  const asker = new AskingServer("asker.example", {});
  connectTo(asker);
  const { number } = await register(asker);
  const shard = shardStub(number);
  const said = {
    capabilitiesText: `{"tools":{"listChanged":true},"logging":{},"experimental":{"x/y":{"a":1}}}`,
    instructions: JSON.stringify('Ask "nicely".'),
  };
  expect(valueOf(await shard.introduction("asker"))).toEqual(said);
  await evictDurableObject(shard);
  asker.mood = "failing";
  await shardStub(number).check("asker");
  expect(valueOf(await shardStub(number).introduction("asker"))).toEqual(said);

  const [parcel] = await shardAt(number).handOver(["asker"]);
  const { revision } = await fleet().map();
  const next = shardStub(number + 1);
  const map = {
    revision: revision + 1,
    shards: [number, number + 1],
    overrides: { asker: number + 1 },
    previousShards: [],
  };
  await next.publish(map, null);
  if (parcel) await next.takeOver([parcel]);
  expect(valueOf(await next.introduction("asker"))).toEqual(said);
});

it("takes the words of a new introduction", async () => {
  const files = new OfferingServer("files.example", {});
  const shard = await shardWith(files);
  expect(valueOf(await shard.introduction("files"))).toEqual({
    capabilitiesText: JSON.stringify(files.capabilities),
  });
  files.capabilities = { tools: {} };
  files.instructions = "new";
  await shard.check("files");
  expect(valueOf(await shard.introduction("files"))).toEqual({
    capabilitiesText: `{"tools":{}}`,
    instructions: `"new"`,
  });
});

it("meets a server first that it has not met, and says why one cannot be introduced", async () => {
  const [files, gone] = [new OfferingServer("files.example", {}), new FakeServer("gone.example", [])];
  connectTo(files, gone);
  valueOf(await fleet().setShards(1, actor));
  valueOf(await fleet().registerServers([recordOf(files), recordOf(gone, { disabled: true })], actor));
  const shard = shardStub(1);
  expect(codeOf(await shard.introduction("files"))).toBe("ok");
  expect(codeOf(await shard.introduction("gone"))).toBe("server_disabled");
  expect(codeOf(await shard.introduction("nobody"))).toBe("unknown_server");
});

it("moves a stamp when what a server offers has changed, and only that one", async () => {
  const files = new OfferingServer("files.example", { prompts: ["p"], resources: ["x://1"] }, ["read"]);
  const notes = new OfferingServer("notes.example", {}, ["add"]);
  const shard = await shardWith(files, notes);
  const moved = async (change: () => void) => {
    const [one, all] = [await shard.stamps("files"), await shard.stamps()];
    const other = await shard.stamps("notes");
    change();
    await shard.check("files");
    const [oneNow, allNow] = [await shard.stamps("files"), await shard.stamps()];
    expect(await shard.stamps("notes")).toEqual(other);
    const lists = ["tools", "prompts", "resources"] as const;
    const those = lists.filter((list) => one[list] !== oneNow[list]);
    expect(lists.filter((list) => all[list] !== allNow[list])).toEqual(those);
    return those;
  };
  expect(await moved(() => {})).toEqual([]);
  expect(await moved(() => (files.tools = [{ name: "read", description: "Reads." }]))).toEqual(["tools"]);
  expect(await moved(() => (files.tools = []))).toEqual(["tools"]);
  expect(await moved(() => (files.offer.prompts = ["p", "q"]))).toEqual(["prompts"]);
  expect(await moved(() => (files.offer.resources = []))).toEqual(["resources"]);
  expect(await moved(() => (files.offer.templates = ["x://{id}"]))).toEqual(["resources"]);
});

it("moves the stamps of the whole when a server comes, goes, or is disabled", async () => {
  const [files, notes] = [
    new OfferingServer("files.example", {}, ["a"]),
    new OfferingServer("notes.example", {}, ["b"]),
  ];
  const shard = await shardWith(files);
  const seen = [(await shard.stamps()).tools];
  const look = async () => seen.push((await shard.stamps()).tools);
  connectTo(files, notes);
  await register(notes);
  await look();
  await shard.own([recordOf(notes, { disabled: true, updatedAt: 2 })]);
  await look();
  await shard.own([recordOf(files, { disabled: true, updatedAt: 2 })]);
  await look();
  expect(new Set(seen).size).toBe(3);
  expect([seen[2], seen[3]]).toEqual([seen[0], 0]);
});

it("never comes back to an old stamp, however often it restarts", async () => {
  const files = new OfferingServer("files.example", {}, ["a"]);
  await shardWith(files);
  const seen: number[] = [];
  for (const tool of ["b", "c", "d"]) {
    seen.push((await shardStub(1).stamps("files")).tools);
    files.tools = [{ name: tool }];
    await scheduler.wait(5);
    await shardStub(1).check("files");
    seen.push((await shardStub(1).stamps("files")).tools);
    await evictDurableObject(shardStub(1));
  }
  expect(new Set(seen).size).toBe(6);
});

it("looks at a server again that a door has heard of a change", async () => {
  const files = new OfferingServer("files.example", {}, ["a"]);
  const shard = await shardWith(files);
  const before = await shard.stamps("files");
  files.tools = [{ name: "b" }];
  await shard.heardListChanged("files");
  await shard.heardListChanged("nobody");
  await vi.waitFor(async () => expect((await shard.stamps("files")).tools).not.toBe(before.tools), { timeout: 5_000 });
});
