import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  ask,
  connectTo,
  expectProblem,
  faultsIn,
  makeKey,
  pagesOf,
  register,
  silenceShard,
  tool,
  type Answer,
  type FakeServer,
} from "./door.ts";

const memory: FakeServer = {
  host: "memory.example",
  tools: [tool("read_graph", { title: "Read", description: "Reads the whole knowledge graph" }), tool("open_nodes")],
};
const files: FakeServer = { host: "files.example", tools: [tool("read"), tool("write"), tool("copy")] };
const clock: FakeServer = { host: "clock.example", tools: [tool("now")] };

beforeEach(async () => {
  connectTo(memory, files, clock);
  await register(
    { id: "memory", url: "https://memory.example/mcp" },
    { id: "files", url: "https://files.example/mcp" },
    { id: "clock", url: "https://clock.example/mcp" },
  );
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const id of ["memory", "files", "clock", "odd"]) await ask(`/servers/${id}`, { method: "DELETE" });
});

const inOrder = [
  "clock__now",
  "files__copy",
  "files__read",
  "files__write",
  "memory__open_nodes",
  "memory__read_graph",
];

function namesIn(answer: Answer): string[] {
  return (answer.body["tools"] as { name: string }[]).map(({ name }) => name);
}

it("lists the tools of every shard in one order", async () => {
  const listed = await ask("/tools");
  expect(listed.status).toBe(200);
  expect(namesIn(listed)).toEqual(inOrder);
  expect(listed.body["nextCursor"]).toBeUndefined();
  expect((listed.body["tools"] as unknown[])[5]).toEqual({
    name: "memory__read_graph",
    server: "memory",
    title: "Read",
    description: "Reads the whole knowledge graph",
    inputSchema: { type: "object" },
  });
});

it("pages through them, each once, for every size of page", async () => {
  for (const limit of [1, 2, 4, 5, 6]) {
    const pages = await pagesOf(`/tools?limit=${limit}`);
    expect(pages.flatMap(namesIn)).toEqual(inOrder);
    for (const page of pages.slice(0, -1)) expect(namesIn(page)).toHaveLength(limit);
  }
});

it("passes definitions on as the server sent them, but for the name", async () => {
  const raw = `{ "name":"big","x-id":12345678901234567890, "inputSchema":{"type":"object","b":1,"a":1.0}, "server":"x","_meta":{"\\u0061":"\\u00e9"}}`;
  connectTo({ host: "odd.example", tools: [raw] });
  await register({ id: "odd", url: "https://odd.example/mcp" });
  const { text } = await ask("/tools?server=odd");
  expect(text).toBe(
    `{"tools":[{"name":"odd__big","server":"odd","x-id":12345678901234567890,` +
      `"inputSchema":{"type":"object","b":1,"a":1.0},"_meta":{"\\u0061":"\\u00e9"}}]}`,
  );
});

it("lists one server's tools, and names the nearest when there is no such server", async () => {
  expect(namesIn(await ask("/tools?server=files"))).toEqual(["files__copy", "files__read", "files__write"]);
  const refused = await ask("/tools?server=flies");
  expect(expectProblem(refused, 404, "unknown_server")["nearest"]).toEqual(["files"]);
});

it("searches in names and descriptions, and pages through what it found", async () => {
  expect(namesIn(await ask("/tools?q=graph"))).toEqual(["memory__read_graph"]);
  expect(namesIn(await ask("/tools?q=knowledge"))).toEqual(["memory__read_graph"]);
  const all = namesIn(await ask("/tools?q=read"));
  expect(all.toSorted()).toEqual(["files__read", "memory__read_graph"]);
  const first = await ask("/tools?q=read&limit=1");
  const second = await ask(`/tools?q=read&limit=1&cursor=${String(first.body["nextCursor"])}`);
  expect([...namesIn(first), ...namesIn(second)]).toEqual(all);
  expect(namesIn(await ask(`/tools?q=${encodeURIComponent(`" OR * NEAR( -`)}`))).toEqual([]);
});

it("shows a key only the tools it may use", async () => {
  const { key } = await makeKey({ scopes: ["tools:list"], tools: ["files__*", "clock__now"] });
  expect(namesIn(await ask("/tools", { key }))).toEqual(inOrder.slice(0, 4));
  expect(namesIn(await ask("/tools?server=memory", { key }))).toEqual([]);
  expect(namesIn(await ask("/tools?server=nowhere", { key }))).toEqual([]);
  expect(namesIn(await ask("/tools?q=graph", { key }))).toEqual([]);
});

it("marks what a server offered when it was last heard of", async () => {
  clock.failing = 500;
  await ask("/servers/clock:check", { method: "POST" });
  delete clock.failing;
  const { body } = await ask("/tools?server=clock");
  expect(body["tools"]).toMatchObject([{ name: "clock__now", stale: true }]);
});

it("lists what the other shards have when one does not answer, and says which", async () => {
  const { shard } = (await ask("/servers/files")).body as { shard: number };
  silenceShard(shard);
  const listed = await ask("/tools");
  expect(listed.status).toBe(200);
  expect(listed.body["incomplete"]).toEqual([`shard ${shard}`]);
  expect(namesIn(listed)).not.toContain("files__read");
});

it("refuses a cursor of another question", async () => {
  const cursor = String((await ask("/tools?limit=1")).body["nextCursor"]);
  for (const query of [`q=read&cursor=${cursor}`, `server=files&cursor=${cursor}`, `cursor=${cursor.slice(0, -2)}`]) {
    const refused = await ask(`/tools?${query}`);
    expectProblem(refused, 422, "invalid_fields");
    expect(faultsIn(refused)).toEqual(["cursor"]);
  }
});

it("needs the scope for it", async () => {
  const { key } = await makeKey({ scopes: ["servers:read"] });
  const refused = await ask("/tools", { key });
  expect(expectProblem(refused, 403, "scope_missing")["scope"]).toBe("tools:list");
  expect(refused.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
});
