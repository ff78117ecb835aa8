/** From the names that an endpoint offers to the right server, and what a key may not use is not there. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFixture, type Fixture } from "../conformance/fixture/start-fixture.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";
import { connect } from "../support/mcp-clients.ts";
import { askModern, callModern, openSession, post, read, type Door, type Message } from "../support/raw-mcp.ts";
import { register } from "../support/register.ts";
import { watched } from "./watched-offer.ts";

const eras = ["legacy", "modern"] as const;
const servers = { legacy: watched(), modern: watched() };

let gateway: TestGateway;
const fixtures: Record<string, Fixture> = {};

beforeAll(async () => {
  gateway = await startGateway({ shards: 3 });
  for (const era of eras) {
    const fixture = await startFixture(era, servers[era].offer);
    fixtures[era] = fixture;
    await register(gateway, era, fixture.url);
  }
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(Object.values(fixtures).map((fixture) => fixture.close()));
  await cleanUp();
});

function doorOf(path: string, key = gateway.key): Door {
  return { url: `${gateway.url}${path}`, key };
}

async function keyFor(body: object): Promise<string> {
  const made = await gateway.call("/keys", { method: "POST", body: { name: "some", scopes: ["tools:call"], ...body } });
  expect(made.status, made.text).toBe(201);
  return (made.body as { key: string }).key;
}

interface Fault {
  readonly code?: number;
  readonly message?: string;
  readonly data?: Message;
}

function faultOf({ last }: { readonly last: Message }): Fault {
  return (last["error"] as Fault | undefined) ?? {};
}

describe("/mcp", () => {
  it("takes a qualified name to its server", async () => {
    for (const era of eras) {
      const before = servers[era].ran.length;
      await callModern(doorOf("/mcp"), `${era}__count`);
      expect(servers[era].ran.length).toBe(before + 1);
    }
  });

  it("will not choose between two servers that have a bare name, and names both", async () => {
    const answer = await callModern(doorOf("/mcp"), "count");
    expect(faultOf(answer).code).toBe(-32602);
    expect(JSON.stringify(faultOf(answer).data)).toContain("legacy__count");
    const prompt = await askModern(doorOf("/mcp"), "prompts/get", { name: "test_simple_prompt" });
    expect(faultOf(prompt).code).toBe(-32602);
  });

  it("takes a bare name for the one server that this key may use", async () => {
    const key = await keyFor({ tools: ["modern__*"] });
    const before = { legacy: servers.legacy.ran.length, modern: servers.modern.ran.length };
    expect(JSON.stringify((await callModern(doorOf("/mcp", key), "count")).last)).toContain("run");
    expect(servers.modern.ran.length).toBe(before.modern + 1);
    expect(servers.legacy.ran.length).toBe(before.legacy);
    const prompt = await askModern(doorOf("/mcp", key), "prompts/get", { name: "test_simple_prompt" });
    expect(JSON.stringify(prompt.last)).toContain("simple prompt for testing");
  });

  it("completes for a prompt by the name that it offers", async () => {
    const params = {
      ref: { type: "ref/prompt", name: "modern__test_prompt_with_arguments" },
      argument: { name: "arg1", value: "par" },
    };
    const { last } = await askModern(doorOf("/mcp"), "completion/complete", params);
    expect(JSON.stringify(last)).toContain("paris");
    const template = {
      ref: { type: "ref/resource", uri: "test://template/{id}/data" },
      argument: { name: "id", value: "par" },
    };
    expect(JSON.stringify((await askModern(doorOf("/mcp"), "completion/complete", template)).last)).toContain("paris");
  });

  it("reads a URI that two servers list from the first by id", async () => {
    const { last } = await askModern(doorOf("/mcp"), "resources/read", { uri: "test://static-text" });
    expect(JSON.stringify(last)).toContain("static text");
    // A legacy server says nothing of how long it may be kept, and ours is the hint that nobody should.
    expect(last["result"]).toMatchObject({ ttlMs: 0, cacheScope: "private" });
  });
});

describe("a key that may not use a tool", () => {
  it("is told what it would be told of a tool that is not there, and nothing runs", async () => {
    const key = await keyFor({ tools: ["modern__repeat"] });
    const before = servers.modern.ran.length;
    const hidden = faultOf(await callModern(doorOf("/mcp/servers/modern", key), "count"));
    const absent = faultOf(await callModern(doorOf("/mcp/servers/modern", key), "cuont"));
    expect(hidden.code).toBe(-32602);
    expect(hidden.message?.replace("count", "cuont")).toBe(absent.message);
    const { requestId: _one, ...seen } = hidden.data ?? {};
    const { requestId: _other, ...expected } = absent.data ?? {};
    expect(seen).toEqual(expected);
    expect(faultOf(await callModern(doorOf("/mcp", key), "modern__count")).code).toBe(-32602);
    expect(servers.modern.ran.length).toBe(before);
  });

  it("finds neither prompts nor resources of a server of which it may use nothing", async () => {
    const key = await keyFor({ tools: ["modern__*"] });
    const prompt = await askModern(doorOf("/mcp", key), "prompts/get", { name: "legacy__test_simple_prompt" });
    expect(faultOf(prompt).code).toBe(-32602);
    const narrow = await keyFor({ tools: ["modern__count"] });
    const found = await askModern(doorOf("/mcp", narrow), "resources/read", { uri: "test://static-text" });
    expect(faultOf(found)).toMatchObject({ code: -32602, data: { uri: "test://static-text" } });
  });
});

describe("a toolset", () => {
  beforeAll(async () => {
    const overrides = {
      modern__repeat: { name: "say", fixedArguments: { who: "Ada", times: 2 }, hiddenArguments: ["secret"] },
    };
    const body = { id: "few", tools: { allow: ["*__repeat"] }, overrides };
    const made = await gateway.call("/toolsets", { method: "POST", body });
    if (made.status !== 201) throw new Error(made.text);
  });

  it("calls the tool behind its own name, with the arguments that it fixes", async () => {
    const given = { who: "Eve", secret: "x", word: "hello" };
    const { last } = await callModern(doorOf("/mcp/toolsets/few"), "say", { arguments: given });
    const { content } = last["result"] as { content: { text: string }[] };
    expect(JSON.parse(content[0]?.text ?? "")).toEqual({ who: "Ada", times: 2, word: "hello" });
  });

  it("has no other tools, whatever they are called", async () => {
    const before = servers.modern.ran.length;
    for (const name of ["count", "modern__count", "modern__repeat"]) {
      expect(faultOf(await callModern(doorOf("/mcp/toolsets/few"), name)).code).toBe(-32602);
    }
    expect(servers.modern.ran.length).toBe(before);
    expect(JSON.stringify((await callModern(doorOf("/mcp/toolsets/few"), "legacy__repeat")).last)).toContain("content");
  });
});

describe("a legacy server that has forgotten all sessions", () => {
  it.each(eras)("is opened anew for a %s client that notices nothing", async (era) => {
    const client = await connect(era, `${gateway.url}/mcp/servers/legacy`, gateway.key);
    await client.call("count");
    const { port } = new URL(fixtures["legacy"]?.url ?? "");
    await fixtures["legacy"]?.close();
    fixtures["legacy"] = await startFixture("legacy", servers.legacy.offer, Number(port));
    const before = servers.legacy.ran.length;
    expect(JSON.stringify(await client.call("ask_then_count", { what: "sheep" }))).toContain("counted");
    expect(client.shown).toEqual(["Count sheep?"]);
    expect(servers.legacy.ran.length).toBe(before + 1);
    await client.close();
  });
});

describe("a server with a limit", () => {
  it("counts a call that asks as one, however much is asked in it", async () => {
    const limit = { perMinute: 1, burst: 1 };
    await register(gateway, "scarce", fixtures["legacy"]?.url ?? "", { limit });
    const door = doorOf("/mcp/servers/scarce");
    const client = await connect("legacy", door.url, door.key);
    const said = await client.call("test_input_required_result_multi_round");
    expect(JSON.stringify(said)).toContain("Ada likes blue");
    await client.close();
    const refused = await callModern(door, "count");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    const session = await openSession(door);
    const params = { name: "count", arguments: {} };
    const legacy = await read(
      await post(door, { jsonrpc: "2.0", id: 1, method: "tools/call", params }, { "mcp-session-id": session }),
    );
    expect(faultOf(legacy).data).toMatchObject({ code: "rate_limited" });
  });
});
