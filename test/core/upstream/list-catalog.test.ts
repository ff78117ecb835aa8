import { describe, expect, it } from "vitest";
import { listCatalog } from "../../../core/upstream/list-catalog.ts";
import type { ServerCapabilities } from "../../../core/upstream/negotiate.ts";
import { bounds, failed, legacyLink, modernLink, value } from "./asking.ts";
import { answer, errorFor, resultFor, serve, status, type Heard } from "./scripted-server.ts";

const everything: ServerCapabilities = {
  tools: true,
  prompts: true,
  resources: true,
  completions: false,
  logging: false,
  subscribe: false,
};
const toolsOnly = { ...everything, prompts: false, resources: false };

/** Answers each list with what `pages` says: a result's text, or undefined for "method not found". */
async function listing(pages: (method: string, cursor: string | undefined, heard: Heard) => string | undefined) {
  return serve((heard, response) => {
    const cursor = (heard.rpc.params as { cursor?: string } | undefined)?.cursor;
    const page = pages(heard.rpc.method ?? "", cursor, heard);
    answer(response, page === undefined ? errorFor(heard, -32601, "Method not found") : resultFor(heard, page));
  });
}

function tool(name: string, more = ""): string {
  return `{"name":${JSON.stringify(name)},"inputSchema":{"type":"object"}${more}}`;
}

async function catalogOf(server: { readonly url: string }, capabilities = everything) {
  return listCatalog(
    legacyLink(server.url),
    "s1",
    capabilities,
    bounds({ maxAnswerBytes: 20_000_000, timeoutMs: 15_000 }),
    {},
  );
}

describe("a catalog", () => {
  it("holds everything the server lists, page by page, in its own words", async () => {
    const first = tool("a", ',"x":1.0,"n":12345678901234567890');
    const server = await listing((method, cursor) => {
      if (method === "tools/list" && cursor === undefined)
        return `{"tools":[ ${first} ],"nextCursor":"p\\"2","ttlMs":5000}`;
      if (method === "tools/list") return `{"tools":[${tool("b")}],"ttlMs":4000,"nextCursor":""}`;
      if (method === "prompts/list") return '{"prompts":[{"name":"p","x":1.50}],"ttlMs":9000}';
      if (method === "resources/list") return '{"resources":[{"uri":"file:///a"}]}';
      return '{"resourceTemplates":[{"uriTemplate":"file:///{x}"}],"nextCursor":null}';
    });
    const catalog = value(await catalogOf(server));
    expect(catalog.tools.map(({ definition }) => definition)).toEqual([first, tool("b")]);
    expect(catalog.prompts).toEqual([{ name: "p", definition: '{"name":"p","x":1.50}' }]);
    expect(catalog.resources).toEqual([{ name: "file:///a", definition: '{"uri":"file:///a"}' }]);
    expect(catalog.templates.map(({ name }) => name)).toEqual(["file:///{x}"]);
    expect(catalog).toMatchObject({ ttlMs: 4_000, faults: [] });
    expect(server.heard[1]?.rpc.params).toEqual({ cursor: 'p"2' });
  });

  it("asks only for what is offered, and has no lifetime when none is given", async () => {
    const server = await listing(() => '{"tools":[]}');
    const none = value(await catalogOf(server, { ...toolsOnly, tools: false }));
    expect(none).toEqual({ tools: [], prompts: [], resources: [], templates: [], faults: [] });
    expect(server.heard).toEqual([]);
    expect(value(await catalogOf(server, toolsOnly))).not.toHaveProperty("ttlMs");
  });

  it("comes from modern servers with the envelope on every page", async () => {
    const server = await listing(
      (_, cursor) => `{"tools":[],"resultType":"complete"${cursor ? "" : ',"nextCursor":"2"'}}`,
    );
    value(await listCatalog(modernLink(server.url), "s1", toolsOnly, bounds(), {}));
    expect(server.heard.map(({ headers }) => headers["mcp-method"])).toEqual(["tools/list", "tools/list"]);
    expect(server.heard[1]?.rpc.params).toMatchObject({ cursor: "2", _meta: {} });
  });
});

describe("what a catalog leaves out", () => {
  it("is every unusable tool, with the reason, and the others stay", async () => {
    const numeric =
      '{"name":"h","inputSchema":{"type":"object","properties":{"a":{"type":"number","x-mcp-header":"A"}}}}';
    const list = [
      tool("ok"),
      tool(""),
      tool("x".repeat(129)),
      tool("ok", ',"second":true'),
      numeric,
      '"no tool"',
      tool("ok2"),
    ];
    const server = await listing(() => `{"tools":[${list.join(",")}]}`);
    const catalog = value(await catalogOf(server, toolsOnly));
    expect(catalog.tools.map(({ definition }) => definition)).toEqual([tool("ok"), tool("ok2")]);
    expect(catalog.faults).toHaveLength(5);
    expect(catalog.faults.join("\n")).toMatch(/"ok" is listed twice[\s\S]*"h": x-mcp-header/);
  });

  it("is a list other than the tools that fails", async () => {
    const server = await serve((heard, response) =>
      heard.rpc.method === "tools/list"
        ? answer(response, resultFor(heard, `{"tools":[${tool("a")}]}`))
        : status(response, 500),
    );
    const catalog = value(await catalogOf(server));
    expect(catalog.tools).toHaveLength(1);
    expect(catalog.faults).toEqual([
      "prompts/list failed: server_status",
      "resources/list failed: server_status",
      "resources/templates/list failed: server_status",
    ]);
  });

  it("is silent about lists the server never heard of", async () => {
    const server = await listing((method) => (method === "tools/list" ? '{"tools":[]}' : undefined));
    expect(value(await catalogOf(server)).faults).toEqual([]);
  });
});

describe("a catalog that cannot be had", () => {
  it("is a failure when the tools cannot be listed", async () => {
    const down = await serve((_, response) => status(response, 503));
    expect(failed(await catalogOf(down))).toMatchObject({ code: "server_status", status: 503 });
    const odd = await listing(() => '{"tools":"none"}');
    expect(failed(await catalogOf(odd))).toMatchObject({ code: "answer_invalid" });
    const broken = await listing((_, cursor) => (cursor ? undefined : '{"tools":[],"nextCursor":"2"}'));
    expect(failed(await catalogOf(broken))).toMatchObject({ code: "server_error" });
  });
});

describe("a catalog without end", () => {
  it("stops at a cursor that repeats", async () => {
    const server = await listing((_, cursor) => `{"tools":[${tool(cursor ?? "first")}],"nextCursor":"same"}`);
    const catalog = value(await catalogOf(server, toolsOnly));
    expect(catalog.tools).toHaveLength(2);
    expect(catalog.faults).toEqual(["tools/list was cut off: a cursor that repeats"]);
  });

  it("stops after 200 pages", async () => {
    let page = 0;
    const server = await listing(() => `{"tools":[${tool(`t${page}`)}],"nextCursor":"${++page}"}`);
    const catalog = value(await catalogOf(server, toolsOnly));
    expect(catalog.tools).toHaveLength(200);
    expect(catalog.faults).toEqual(["tools/list was cut off: too many pages"]);
  });

  it("stops after 20,000 tools", async () => {
    const many = (page: number) => Array.from({ length: 9_000 }, (_, i) => tool(`t${page}-${i}`)).join(",");
    let page = 0;
    const server = await listing(() => `{"tools":[${many(page)}],"nextCursor":"${++page}"}`);
    const catalog = value(await catalogOf(server, toolsOnly));
    expect(catalog.tools).toHaveLength(20_000);
    expect(catalog.faults).toEqual(["tools/list was cut off: more than 20000"]);
  });

  it("stops after 32 MiB", async () => {
    let page = 0;
    const padding = `,"description":"${"x".repeat(400_000)}"`;
    const big = (at: number) => Array.from({ length: 30 }, (_, i) => tool(`t${at}-${i}`, padding)).join(",");
    const server = await listing(() => `{"tools":[${big(page)}],"nextCursor":"${++page}"}`);
    const catalog = value(await catalogOf(server, toolsOnly));
    expect(server.heard).toHaveLength(3);
    expect(catalog.tools).toHaveLength(90);
    expect(catalog.faults).toEqual(["tools/list was cut off: too many bytes"]);
  });

  it("says only so much about what is wrong with it", async () => {
    const server = await listing(() => `{"tools":[${"7,".repeat(5_000)}7]}`);
    expect(value(await catalogOf(server, toolsOnly)).faults).toHaveLength(100);
  });
});
