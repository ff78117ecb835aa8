import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ask,
  connectTo,
  makeKey,
  register,
  silenceShard,
  tool,
  type Answer,
  type Body,
  type FakeServer,
} from "../door.ts";
import { expectFault, legacy, modern, resultOf, type Post } from "./client.ts";

const odd =
  `{ "name":"big","x-id":12345678901234567890, "inputSchema":{"type":"object","b":1,"a":1.0},` +
  `"annotations":{"mine":[1e400,"\\u00e9"]},"_meta":{"\\u0061":"\\u00e9"}}`;
const files: FakeServer = {
  host: "files.example",
  tools: [tool("write"), tool("read"), odd],
  lists: {
    "prompts/list": `{"prompts":[{"name":"tidy","arguments":[{"name":"how"}],"x":1.0},{"name":"sort"}]}`,
    "resources/list": `{"resources":[{"uri":"file:///b","name":"b","x":1.0},{"uri":"file:///a","name":"a"}]}`,
    "resources/templates/list": `{"resourceTemplates":[{"uriTemplate":"file:///{path}","name":"any"}]}`,
  },
};
const clock: FakeServer = {
  host: "clock.example",
  tools: [tool("now")],
  lists: {
    "prompts/list": `{"prompts":[{"name":"tidy"}]}`,
    "resources/list": `{"resources":[{"uri":"file:///a","name":"another a"},{"uri":"clock:now","name":"now"}]}`,
    "resources/templates/list": `{"resourceTemplates":[]}`,
  },
};

beforeEach(async () => {
  connectTo(files, clock);
  await register({ id: "files", url: "https://files.example/mcp" }, { id: "clock", url: "https://clock.example/mcp" });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await ask("/toolsets/small", { method: "DELETE" });
  for (const id of ["files", "clock", "many"]) await ask(`/servers/${id}`, { method: "DELETE" });
});

function rows(answer: Answer, member = "tools"): Body[] {
  return resultOf(answer)[member] as Body[];
}

function names(answer: Answer, member = "tools", key = "name"): unknown[] {
  return rows(answer, member).map((row) => row[key]);
}

describe("tools/list", () => {
  it("shows every server's tools under qualified names, in order, in both eras", async () => {
    const expected = ["clock__now", "files__big", "files__read", "files__write"];
    expect(names(await modern("/mcp", "tools/list"))).toEqual(expected);
    expect(names(await legacy("/mcp", "tools/list"))).toEqual(expected);
  });

  it("passes definitions on as the server wrote them, but for the name where it must", async () => {
    const own = await modern("/mcp/servers/files", "tools/list");
    expect(own.text).toContain(odd);
    expect(names(own)).toEqual(["big", "read", "write"]);
    const all = await legacy("/mcp", "tools/list");
    expect(all.text).toContain(
      `"x-id":12345678901234567890,"inputSchema":{"type":"object","b":1,"a":1.0},` +
        `"annotations":{"mine":[1e400,"\\u00e9"]},"_meta":{"\\u0061":"\\u00e9"}}`,
    );
    expect(all.text).toContain(`"name":"files__big"`);
  });

  it("shows a toolset's tools as the toolset has them", async () => {
    const overrides = { files__read: { name: "look", description: "Looks." }, files__big: { hiddenArguments: ["b"] } };
    const small = { id: "small", servers: ["files"], tools: { deny: ["*write"] }, naming: "never", overrides };
    expect((await ask("/toolsets", { json: small })).status).toBe(201);
    const shown = await modern("/mcp/toolsets/small", "tools/list");
    expect(names(shown)).toEqual(["big", "look"]);
    expect(rows(shown)[1]).toEqual({ name: "look", description: "Looks.", inputSchema: { type: "object" } });
    expect(resultOf(shown)["cacheScope"]).toBe("public");
  });

  it("shows a key what it may use and nothing else, and says that this is its own", async () => {
    const { key } = await makeKey({ scopes: ["tools:list"], tools: ["files__r*", "clock__*"] });
    const own = await modern("/mcp", "tools/list", {}, { key });
    expect(names(own)).toEqual(["clock__now", "files__read"]);
    expect(resultOf(own)["cacheScope"]).toBe("private");
    expect(names(await modern("/mcp/servers/files", "tools/list", {}, { key }))).toEqual(["read"]);
    await ask("/toolsets", { json: { id: "small" } });
    expect(names(await modern("/mcp/toolsets/small", "tools/list", {}, { key }))).toEqual([
      "clock__now",
      "files__read",
    ]);
    expect(resultOf(await modern("/mcp", "tools/list"))["cacheScope"]).toBe("public");
  });

  it("shows a key with a toolset that toolset, at /mcp", async () => {
    await ask("/toolsets", { json: { id: "small", servers: ["clock"], naming: "never" } });
    const { id, key } = await makeKey({ scopes: ["tools:list"], toolset: "small" });
    const own = await modern("/mcp", "tools/list", {}, { key });
    expect(names(own)).toEqual(["now"]);
    expect(resultOf(own)["cacheScope"]).toBe("private");
    expect(names(await modern("/mcp/servers/files", "tools/list", {}, { key }))).toEqual(["big", "read", "write"]);
    await ask(`/keys/${id}`, { method: "DELETE" });
  });

  it("marks what may be out of date, and wants to be asked again soon", async () => {
    expect(resultOf(await modern("/mcp", "tools/list"))["ttlMs"]).toBe(60_000);
    clock.failing = 500;
    await ask("/servers/clock:check", { method: "POST" });
    delete clock.failing;
    const listed = await modern("/mcp", "tools/list");
    const [now, big] = rows(listed);
    expect(now).toMatchObject({ name: "clock__now", _meta: { "patchbay/stale": true } });
    expect(big?.["_meta"]).toEqual({ a: "é" });
    expect(resultOf(listed)["ttlMs"]).toBe(5_000);
  });

  it("shows at once what has come, changed and gone, though it keeps pages", async () => {
    const before = await modern("/mcp", "tools/list");
    expect((await modern("/mcp", "tools/list")).text).toBe(before.text);
    Object.assign(clock, { tools: [tool("now", { description: "Tells the time" }), tool("then")] });
    await ask("/servers/clock:check", { method: "POST" });
    const changed = rows(await modern("/mcp", "tools/list"));
    expect(changed.slice(0, 2)).toMatchObject([{ description: "Tells the time" }, { name: "clock__then" }]);
    Object.assign(clock, { tools: [tool("now")] });
    await ask("/servers/clock", { method: "PATCH", json: { disabled: true } });
    expect(names(await modern("/mcp", "tools/list"))).toEqual(["files__big", "files__read", "files__write"]);
    expect(names(await modern("/mcp/servers/files", "tools/list"))).toEqual(["big", "read", "write"]);
  });

  it("goes on without a shard that does not answer, and says so", async () => {
    const { shard } = (await ask("/servers/files")).body as { shard: number };
    silenceShard(shard);
    const listed = await modern("/mcp", "tools/list");
    expect(resultOf(listed)).toMatchObject({ ttlMs: 5_000, _meta: { "patchbay/incomplete": [`shard ${shard}`] } });
    expect(names(listed)).not.toContain("files__read");
    expectFault(await modern("/mcp/servers/files", "tools/list"), 200, 50_300);
  });
});

describe("a long list", () => {
  const many: FakeServer = {
    host: "many.example",
    tools: Array.from({ length: 2_100 }, (_, n) => tool(`tool-${String(n).padStart(4, "0")}`)),
  };

  beforeEach(async () => {
    connectTo(many);
    await register({ id: "many", url: "https://many.example/mcp" });
  });

  it("comes in pages, each tool once", async () => {
    await ask("/toolsets", { json: { id: "small", servers: ["many"], naming: "never" } });
    for (const path of ["/mcp", "/mcp/servers/many", "/mcp/toolsets/small"]) {
      const found: unknown[] = [];
      const sizes: number[] = [];
      for (let cursor: unknown; ;) {
        const page = await modern(path, "tools/list", cursor === undefined ? {} : { cursor });
        const own = names(page).filter((name) => String(name).includes("tool-"));
        sizes.push(names(page).length);
        found.push(...own);
        cursor = resultOf(page)["nextCursor"];
        if (cursor === undefined) break;
      }
      expect(sizes.slice(0, 2)).toEqual([1_000, 1_000]);
      expect(new Set(found).size).toBe(2_100);
      expect(found).toHaveLength(2_100);
      expect(found).toEqual(found.map(String).sort());
    }
  });

  it("goes on for the key, at the endpoint and in the list that it was begun for", async () => {
    const cursor = resultOf(await modern("/mcp", "tools/list"))["nextCursor"];
    const refused = async (path: string, method: string, params: Body, post: Post = {}) => {
      const { data } = expectFault(await modern(path, method, params, post), 200, -32_602);
      expect(data).toMatchObject({ code: "invalid_fields", errors: [{ path: "cursor" }] });
    };
    const { key } = await makeKey({ scopes: ["admin"] });
    await refused("/mcp", "tools/list", { cursor }, { key });
    await refused("/mcp/servers/many", "tools/list", { cursor });
    await refused("/mcp", "prompts/list", { cursor });
    await refused("/mcp", "tools/list", { cursor: String(cursor).slice(0, -1) });
    await refused("/mcp", "tools/list", { cursor: 7 });
    await refused("/mcp", "tools/list", { cursor: "" });
    expect(resultOf(await legacy("/mcp", "tools/list", { cursor }))["tools"]).toHaveLength(1_000);
  });
});

describe("prompts/list", () => {
  it("shows prompts under qualified names, or a server's own under theirs", async () => {
    const all = await modern("/mcp", "prompts/list");
    expect(new Set(names(all, "prompts"))).toEqual(new Set(["clock__tidy", "files__sort", "files__tidy"]));
    expect(all.text).toContain(`{"name":"files__tidy","arguments":[{"name":"how"}],"x":1.0}`);
    const own = await legacy("/mcp/servers/files", "prompts/list");
    expect(own.text).toContain(`{"name":"tidy","arguments":[{"name":"how"}],"x":1.0}`);
    expect(names(own, "prompts")).toEqual(["sort", "tidy"]);
    expect(resultOf(all)).toMatchObject({ ttlMs: 60_000, cacheScope: "public", resultType: "complete" });
  });

  it("shows those of a toolset, and those that a key may use", async () => {
    await ask("/toolsets", { json: { id: "small", prompts: { deny: ["files__tidy"] }, naming: "never" } });
    expect(names(await modern("/mcp/toolsets/small", "prompts/list"), "prompts")).toEqual(["sort", "tidy"]);
    const { key } = await makeKey({ scopes: ["tools:list"], tools: ["files__*"] });
    const own = await modern("/mcp", "prompts/list", {}, { key });
    expect(names(own, "prompts")).toEqual(["files__sort", "files__tidy"]);
    expect(resultOf(own)["cacheScope"]).toBe("private");
    const few = await modern("/mcp/toolsets/small", "prompts/list", {}, { key });
    expect(names(few, "prompts")).toEqual(["sort"]);
  });
});

describe("resources/list", () => {
  it("shows each URI once, as the server wrote it, by the first server that has it", async () => {
    const all = await modern("/mcp", "resources/list");
    expect(names(all, "resources", "uri")).toEqual(["clock:now", "file:///a", "file:///b"]);
    expect(all.text).toContain(`{"uri":"file:///a","name":"another a"}`);
    expect(all.text).toContain(`{"uri":"file:///b","name":"b","x":1.0}`);
    const own = await legacy("/mcp/servers/files", "resources/list");
    expect(own.text).toContain(`{"uri":"file:///a","name":"a"}`);
  });

  it("goes by the toolset, and by what the key may use of a server as a whole", async () => {
    await ask("/toolsets", { json: { id: "small", resources: { allow: ["file:*"] }, servers: ["files"] } });
    const small = await modern("/mcp/toolsets/small", "resources/list");
    expect(names(small, "resources", "uri")).toEqual(["file:///a", "file:///b"]);
    expect(rows(small, "resources")[0]).toEqual({ uri: "file:///a", name: "a" });
    const one = await makeKey({ scopes: ["tools:list"], tools: ["files__read"] });
    expect(names(await modern("/mcp", "resources/list", {}, { key: one.key }), "resources")).toEqual([]);
    const whole = await makeKey({ scopes: ["tools:list"], tools: ["files__*"] });
    const own = await modern("/mcp", "resources/list", {}, { key: whole.key });
    expect(names(own, "resources", "uri")).toEqual(["file:///a", "file:///b"]);
    const templates = await modern("/mcp", "resources/templates/list", {}, { key: whole.key });
    expect(names(templates, "resourceTemplates", "uriTemplate")).toEqual(["file:///{path}"]);
  });
});

it("has lists for servers that have none of a sort", async () => {
  connectTo({ host: "plain.example", tools: [] });
  await register({ id: "many", url: "https://plain.example/mcp" });
  const lists = { "tools/list": "tools", "prompts/list": "prompts", "resources/list": "resources" };
  for (const [method, member] of Object.entries({ ...lists, "resources/templates/list": "resourceTemplates" })) {
    expect(rows(await modern("/mcp/servers/many", method), member)).toEqual([]);
    expect(rows(await legacy("/mcp/servers/many", method), member)).toEqual([]);
  }
});
