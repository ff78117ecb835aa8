import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ask,
  connectTo,
  expectProblem,
  makeKey,
  pagesOf,
  register,
  silenceShard,
  tool,
  type Body,
  type FakeServer,
} from "./door.ts";
import { change, make, unmake } from "./toolset-kit.ts";

const files: FakeServer = { host: "files.example", tools: [tool("read"), tool("write")] };
const memory: FakeServer = { host: "memory.example", tools: [tool("read"), tool("forget")] };

beforeEach(async () => {
  connectTo(files, memory);
  await register(
    { id: "files", url: "https://files.example/mcp" },
    { id: "memory", url: "https://memory.example/mcp" },
  );
});

afterEach(async () => {
  vi.restoreAllMocks();
  await unmake();
  for (const id of ["files", "memory", "papers"]) await ask(`/servers/${id}`, { method: "DELETE" });
});

interface Preview {
  readonly tools: readonly Body[];
  readonly conflicts: readonly Body[];
  readonly unused: readonly string[];
}

async function preview(id: string, key?: string): Promise<Preview> {
  const answer = await ask(`/toolsets/${id}/tools`, key === undefined ? {} : { key });
  expect(answer.status, answer.text).toBe(200);
  expect(answer.body).not.toHaveProperty("incomplete");
  return answer.body as unknown as Preview;
}

const namesIn = ({ tools }: Preview) => tools.map(({ name }) => name);

describe("the preview", () => {
  it("shows what clients will see: names, words, and schemas without what is fixed or hidden", async () => {
    const definition =
      `{"name":"read","x-id":12345678901234567890,"title":"Old","description":"Old.","inputSchema":{"type":"object",` +
      `"properties":{"path":{"type":"string","maxLength":1.0},"root":{},"debug":{}},"required":["root","path"]}}`;
    connectTo({ host: "papers.example", tools: [definition] });
    await register({ id: "papers", url: "https://papers.example/mcp" });
    await make("t", {
      servers: ["papers"],
      overrides: {
        papers__read: {
          name: "open_paper",
          description: "Opens a paper.",
          fixedArguments: { root: "/papers" },
          hiddenArguments: ["debug"],
        },
      },
    });
    const { text } = await ask("/toolsets/t/tools");
    expect(text).toContain(`"x-id":12345678901234567890`);
    expect(text).toContain(`"path":{"type":"string","maxLength":1.0}`);
    expect(JSON.parse(text)).toEqual({
      tools: [
        {
          name: "open_paper",
          server: "papers",
          tool: "read",
          "x-id": expect.any(Number),
          title: "Old",
          description: "Opens a paper.",
          inputSchema: {
            type: "object",
            properties: { path: { type: "string", maxLength: 1 } },
            required: ["path"],
          },
        },
      ],
      conflicts: [],
      unused: [],
    });
  });

  it("takes from every shard, and tells what is left out and what fits nothing", async () => {
    await make("t", { naming: "never", servers: ["files", "memory", "nowhere"], overrides: { files__raed: {} } });
    const shown = await preview("t");
    expect(namesIn(shown)).toEqual(["forget", "read", "write"]);
    expect(shown.conflicts).toEqual([{ name: "read", server: "memory", tool: "read", takenBy: "files__read" }]);
    expect(shown.unused).toEqual(["/servers/2", "/overrides/files__raed"]);

    await change("t", { naming: "conflict", tools: { deny: ["files__write"] } });
    expect(namesIn(await preview("t"))).toEqual(["files__read", "forget", "memory__read"]);
  });

  it("shows a key nothing that it may not use, not even by a name made longer", async () => {
    await make("t", { naming: "conflict" });
    const { key } = await makeKey({ scopes: ["servers:read"], tools: ["memory__*"] });
    expect(namesIn(await preview("t", key))).toEqual(["forget", "read"]);
  });

  it("goes page by page", async () => {
    await make("t", { servers: ["files", "memory"] });
    const pages = await pagesOf("/toolsets/t/tools?limit=3");
    expect(pages.map(({ body }) => namesIn(body as unknown as Preview))).toEqual([
      ["files__read", "files__write", "memory__forget"],
      ["memory__read"],
    ]);
    const cursor = String(pages[0]?.body["nextCursor"]);
    await make("u");
    expectProblem(await ask(`/toolsets/u/tools?cursor=${cursor}`), 422, "invalid_fields");
  });

  it("knows of all tools of a shard, however many", async () => {
    const many = Array.from({ length: 1_050 }, (_, i) => tool(`t${i}`));
    connectTo({ host: "papers.example", tools: many });
    await register({ id: "papers", url: "https://papers.example/mcp" });
    await make("t", { servers: ["papers"] });
    const pages = await pagesOf("/toolsets/t/tools?limit=1000");
    expect(pages.map(({ body }) => (body["tools"] as Body[]).length)).toEqual([1_000, 50]);
  });

  it("says which shard did not answer", async () => {
    await make("t");
    const { shard } = (await ask("/servers/files")).body as { shard: number };
    silenceShard(shard);
    const shown = await ask("/toolsets/t/tools");
    expect(shown.body["incomplete"]).toEqual([`shard ${shard}`]);
    expect(shown.text).not.toContain("files__read");
  });

  it("is of a toolset that is there", async () => {
    expectProblem(await ask("/toolsets/nowhere/tools"), 404, "unknown_toolset");
  });
});
