/** Clients that people really use, as they really use them, at `/mcp` with real servers behind it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixtureModes, startFixture } from "../conformance/fixture/start-fixture.ts";
import { startEverything, startMemory, type RealServer } from "../core/upstream/real-servers.ts";
import { cleanUp, startGateway, temporaryFolder, type TestGateway } from "../support/gateway.ts";
import { inspect, inspectorModes, type Inspection } from "../support/inspector.ts";
import { connect } from "../support/mcp-clients.ts";
import { connectByBridge } from "../support/mcp-remote.ts";

let gateway: TestGateway;
const folder = temporaryFolder();
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  gateway = await startGateway({ shards: 2 });
  await add("everything", await startEverything("streamableHttp"));
  await add("everything-sse", await startEverything("sse"));
  await add("memory", await startMemory("/mcp"));
  for (const mode of fixtureModes) {
    const fixture = await startFixture(mode);
    await add(mode, { url: fixture.url, stop: () => fixture.close() });
  }
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(endings.map((end) => end()));
  await cleanUp();
});

async function add(id: string, server: RealServer): Promise<void> {
  endings.push(() => server.stop());
  const { url } = server;
  const made = await gateway.call("/servers?wait=ready", { method: "POST", body: { id, url } });
  expect(made.body, made.text).toMatchObject({ state: "ready" });
}

describe.each(inspectorModes)("the Inspector's command line, in its mode %s,", (mode) => {
  function run(method: string, more: readonly string[] = [], path = "/mcp", key = gateway.key): Promise<Inspection> {
    return inspect({ url: `${gateway.url}${path}`, key, mode, folder }, method, more);
  }

  async function succeed(method: string, more: readonly string[] = [], path = "/mcp"): Promise<unknown> {
    const { code, result, said } = await run(method, more, path);
    expect(code, said).toBe(0);
    return result;
  }

  /** Our name in an answer's `_meta` is a matter of the modern era, and so tells which one was spoken. */
  const signature = mode === "legacy" ? undefined : { "io.modelcontextprotocol/serverInfo": { name: "patchbay" } };

  it("lists the tools of every server", async () => {
    const { tools } = (await succeed("tools/list")) as { tools: { name: string }[] };
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["everything__echo", "everything-sse__echo", "memory__read_graph"]));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(names.toSorted());
  });

  it.each(["everything", "everything-sse"])("calls a tool of %s", async (server) => {
    const result = await succeed("tools/call", ["--tool-name", `${server}__echo`, "--tool-arg", "message=hello"]);
    const content = [{ type: "text", text: "Echo: hello" }];
    expect({ _meta: undefined, ...(result as object) }).toMatchObject({ _meta: signature, content });
  });

  it("writes something down with one call and finds it with the next", async () => {
    const entity = { name: `Ada, ${mode}`, entityType: "person", observations: ["counts"] };
    const given = JSON.stringify({ entities: [entity] });
    await succeed("tools/call", ["--tool-name", "memory__create_entities", "--tool-args-json", given]);
    const found = await succeed("tools/call", ["--tool-name", "memory__search_nodes", "--tool-arg", `query=${mode}`]);
    expect(found).toMatchObject({ structuredContent: { entities: [entity] } });
  });

  it("lists prompts and gets one", async () => {
    const { prompts } = (await succeed("prompts/list")) as { prompts: { name: string }[] };
    expect(prompts.map(({ name }) => name)).toContain("everything__args-prompt");
    const more = ["--prompt-name", "everything__args-prompt", "--prompt-args", "city=Turin"];
    const { messages } = (await succeed("prompts/get", more)) as { messages: unknown };
    expect(JSON.stringify(messages)).toContain("What's weather in Turin?");
  });

  it("lists resources and templates, and reads of both", async () => {
    const { resources } = (await succeed("resources/list")) as { resources: { uri: string }[] };
    const uris = resources.map(({ uri }) => uri);
    expect(new Set(uris).size).toBe(uris.length);
    const { resourceTemplates } = (await succeed("resources/templates/list")) as { resourceTemplates: unknown };
    expect(JSON.stringify(resourceTemplates)).toContain("demo://resource/dynamic/text/{resourceId}");
    for (const [uri, text] of [
      ["demo://resource/static/document/architecture.md", "Everything Server"],
      ["demo://resource/dynamic/text/7", "Resource 7"],
    ] as const) {
      expect(JSON.stringify(await succeed("resources/read", ["--uri", uri]))).toContain(text);
    }
  });

  it("finds one server's tools under their own names at its own endpoint", async () => {
    const { tools } = (await succeed("tools/list", [], "/mcp/servers/everything")) as { tools: { name: string }[] };
    expect(tools.map(({ name }) => name)).toContain("echo");
    const more = ["--tool-name", "get-sum", "--tool-args-json", '{"a":19,"b":23}'];
    const result = await succeed("tools/call", more, "/mcp/servers/everything");
    expect(JSON.stringify(result)).toContain("42");
  });

  it("is told what failed: the key, the name, the tool", async () => {
    expect((await run("tools/list", [], "/mcp", "patchbay_no")).said).toContain("auth_required");
    const nothing = await run("tools/call", ["--tool-name", "everything__nothing"]);
    expect(nothing.code, nothing.said).not.toBe(0);
    const failed = await run("tools/call", ["--tool-name", "everything__get-sum", "--tool-arg", "a=x"]);
    expect(failed.code, failed.said).toBe(5);
    expect(failed.result).toMatchObject({ isError: true });
  });

  it("calls two hundred times, ten at once, without an error", async () => {
    const load = ["--load", "--load-requests", "200", "--load-concurrency", "10"];
    const result = await succeed("tools/call", ["--tool-name", "everything__echo", "--tool-arg", "message=x", ...load]);
    expect(result).toMatchObject({ requests: 200, ok: 200, toolErrors: 0, errors: 0 });
  });
});

/** Each server asks in its own era's way. */
const asked = fixtureModes.map((server) => [server] as const);

describe("mcp-remote", () => {
  it("brings a client that speaks stdio to every server, questions included", async () => {
    const behind = { form: { username: "Ada", email: "ada@example.com" }, words: "Turin" };
    const client = await connectByBridge(`${gateway.url}/mcp`, gateway.key, folder, behind);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("memory__read_graph");
    const echo = await client.callTool({ name: "everything-sse__echo", arguments: { message: "over stdio" } });
    expect(echo).toMatchObject({ content: [{ text: "Echo: over stdio" }] });
    for (const [server] of asked) {
      const filledIn = await client.callTool({ name: `${server}__test_elicitation`, arguments: { message: "Who?" } });
      expect(JSON.stringify(filledIn), server).toContain("ada@example.com");
      const sampled = await client.callTool({ name: `${server}__test_sampling`, arguments: { prompt: "Where?" } });
      expect(JSON.stringify(sampled), server).toContain("LLM response: Turin");
    }
    await client.close();
  });
});

describe.each(["legacy", "modern"] as const)("the official %s SDK's client at /mcp", (era) => {
  it.each(asked)("answers what a %s server asks its person and its model", async (server) => {
    const client = await connect(era, `${gateway.url}/mcp`, gateway.key, { form: () => ({ username: "Ada" }) });
    const filledIn = await client.call(`${server}__test_elicitation`, { message: "Who are you?" });
    expect(JSON.stringify(filledIn)).toContain("Ada");
    expect(client.shown).toEqual(["Who are you?"]);
    expect(JSON.stringify(await client.call(`${server}__test_sampling`, { prompt: "Where?" }))).toContain("Paris");
    await client.close();
  });

  it("uses real servers over HTTP, over SSE and behind a bridge", async () => {
    const client = await connect(era, `${gateway.url}/mcp`, gateway.key);
    expect(await client.tools()).toEqual(expect.arrayContaining(["everything__get-env", "memory__open_nodes"]));
    for (const server of ["everything", "everything-sse"]) {
      const result = await client.call(`${server}__get-structured-content`, { location: "Chicago" });
      expect(result).toMatchObject({ structuredContent: { conditions: expect.any(String) } });
    }
    expect(await client.call("memory__read_graph")).toHaveProperty("structuredContent.entities");
    expect(JSON.stringify(await client.prompt("everything__simple-prompt"))).toContain("simple prompt");
    expect(JSON.stringify(await client.read("demo://resource/dynamic/text/3"))).toContain("Resource 3");
    await client.close();
  });
});
