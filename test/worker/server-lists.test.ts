import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, connectTo, expectProblem, faultsIn, makeKey, pagesOf, register, tool, type FakeServer } from "./door.ts";

const files: FakeServer = { host: "files.example", tools: [tool("read"), tool("write")] };
const clock: FakeServer = { host: "clock.example", tools: [tool("now")] };

beforeEach(() => {
  delete files.failing;
  connectTo(files, clock);
});

afterEach(async () => {
  const { body } = await ask("/servers?limit=1000");
  for (const { id } of body["servers"] as { id: string }[]) await ask(`/servers/${id}`, { method: "DELETE" });
  vi.restoreAllMocks();
});

describe("listing", () => {
  it("pages through all servers, in order, each once", async () => {
    const ids = ["a1", "a2", "a3", "a4", "a5"];
    for (const id of ids) await ask("/servers", { json: { id, url: "https://files.example/mcp" } });
    const pages = await pagesOf("/servers?limit=2");
    const seen = pages.flatMap(({ body }) => (body["servers"] as { id: string }[]).map(({ id }) => id));
    expect(seen).toEqual(ids);
  });

  it("filters by state, by shard and by words", async () => {
    files.failing = 500;
    const views = await register(
      { id: "files", url: "https://files.example/mcp" },
      { id: "clock", url: "https://clock.example/mcp" },
    );
    const idsAt = async (query: string) =>
      ((await ask(`/servers?${query}`)).body["servers"] as { id: string }[]).map(({ id }) => id);
    expect(await idsAt("state=down")).toEqual(["files"]);
    expect(await idsAt("state=ready")).toEqual(["clock"]);
    expect(await idsAt("q=OCK")).toEqual(["clock"]);
    expect(await idsAt("q=nothing")).toEqual([]);
    expect(await idsAt(`shard=${String(views[0]?.["shard"])}`)).toContain("files");
    expect(await idsAt("shard=99")).toEqual([]);
  });

  it("takes a cursor only for the list, the question and the key it was made for", async () => {
    for (const id of ["a1", "a2"]) await ask("/servers", { json: { id, url: "https://files.example/mcp" } });
    const cursor = String((await ask("/servers?limit=1")).body["nextCursor"]);
    const other = await makeKey({ scopes: ["servers:read"] });
    for (const [path, key] of [
      [`/servers?limit=1&cursor=${cursor}x`],
      ["/servers?limit=1&cursor=a2"],
      [`/servers?limit=1&q=a&cursor=${cursor}`],
      [`/keys?limit=1&cursor=${cursor}`],
      [`/servers?limit=1&cursor=${cursor}`, other.key],
    ] as const) {
      const refused = await ask(path, key === undefined ? {} : { key });
      expectProblem(refused, 422, "invalid_fields");
      expect(faultsIn(refused)).toEqual(["cursor"]);
    }
  });

  it.each(["limit=0", "limit=1001", "limit=x", "limit=", "limit=1.5", "limit=1&limit=2", "colour=red", "__proto__=1"])(
    "refuses ?%s",
    async (query) => {
      const refused = await ask(`/servers?${query}`);
      expectProblem(refused, 422, "invalid_fields");
      expect(faultsIn(refused)).toEqual([query.slice(0, query.indexOf("="))]);
    },
  );
});

describe("counting", () => {
  it("counts in all, per shard and per state, and nothing else", async () => {
    const ids = Array.from({ length: 9 }, (_, index) => `s${index}`);
    await register(...ids.map((id) => ({ id, url: "https://files.example/mcp" })));
    const { body } = await ask("/servers/count");
    expect(Object.keys(body)).toEqual(["total", "shards", "states"]);
    expect(body).toMatchObject({ total: 9, states: { ready: 9 } });
    const shares = Object.values(body["shards"] as Record<string, number>);
    expect(Object.keys(body["shards"] as object)).toEqual(["1", "2", "3"]);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(9);
    expect(Math.max(...shares)).toBeLessThanOrEqual(3);
  });
});
