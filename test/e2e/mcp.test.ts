/** Sessions, streams and listening, with the official clients of both eras through the real gateway. */
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  PromptListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startFixture, type Fixture } from "../conformance/fixture/start-fixture.ts";
import { text } from "../conformance/fixture/offer.ts";
import { startEverything, type RealServer } from "../core/upstream/real-servers.ts";
import { startCuttingProxy } from "../support/cutting-proxy.ts";
import { cleanUp, startGateway, until, type TestGateway } from "../support/gateway.ts";
import { post } from "../support/raw-mcp.ts";
import { register } from "../support/register.ts";
import { watched } from "./watched-offer.ts";

const eras = ["legacy", "modern"] as const;
const servers = { legacy: watched(), modern: watched() };
let runs = 0;
/** Takes four seconds, and can be counted. */
const slow = {
  name: "take_four_seconds",
  description: "Takes four seconds",
  inputSchema: { type: "object" },
  async run() {
    runs += 1;
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    return text("four seconds later");
  },
};

let gateway: TestGateway;
let everything: RealServer;
const fixtures: Fixture[] = [];
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  gateway = await startGateway({ shards: 2 });
  for (const era of eras) {
    const { offer } = servers[era];
    const fixture = await startFixture(era, { ...offer, tools: [...offer.tools, slow] });
    fixtures.push(fixture);
    await register(gateway, era, fixture.url);
  }
  everything = await startEverything("streamableHttp");
  await register(gateway, "everything", everything.url);
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

afterAll(async () => {
  await gateway.stop();
  await everything.stop();
  await Promise.all(fixtures.map((fixture) => fixture.close()));
  await cleanUp();
});

function options(): { requestInit: RequestInit } {
  return { requestInit: { headers: { Authorization: `Bearer ${gateway.key}` } } };
}

interface Legacy {
  readonly client: LegacyClient;
  readonly transport: LegacyTransport;
}

async function legacyClient(path: string, origin = gateway.url): Promise<Legacy> {
  const client = new LegacyClient({ name: "legacy-test", version: "1" }, { capabilities: {} });
  const transport = new LegacyTransport(new URL(path, origin), options());
  await client.connect(transport);
  closing.push(() => client.close());
  return { client, transport };
}

async function modernClient(path: string): Promise<ModernClient> {
  const client = new ModernClient({ name: "modern-test", version: "1" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(new ModernTransport(new URL(path, gateway.url), options()));
  closing.push(() => client.close());
  return client;
}

describe("a legacy client", () => {
  it("opens a session, keeps it, and ends it", async () => {
    const { client, transport } = await legacyClient("/mcp");
    expect(client.getServerVersion()).toMatchObject({ name: "patchbay" });
    expect(client.getServerCapabilities()).toMatchObject({ tools: { listChanged: true }, logging: {} });
    expect(transport.sessionId).toBeDefined();
    await client.ping();
    await client.setLoggingLevel("warning");
    expect((await client.listTools()).tools.length).toBeGreaterThan(20);
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toContain("everything__simple-prompt");
    const { completion } = await client.complete({
      ref: { type: "ref/prompt", name: "legacy__test_prompt_with_arguments" },
      argument: { name: "arg1", value: "par" },
    });
    expect(completion.values.length).toBeGreaterThan(0);
    const { sessionId = "" } = transport;
    await transport.terminateSession();
    const door = { url: `${gateway.url}/mcp`, key: gateway.key };
    const again = await post(door, { jsonrpc: "2.0", id: 1, method: "ping" }, { "mcp-session-id": sessionId });
    expect(again.status).toBe(404);
  });

  it.each(eras)("hears that the lists of a %s server have changed, and finds them changed", async (era) => {
    for (const path of ["/mcp", `/mcp/servers/${era}`]) {
      const { client } = await legacyClient(path);
      const heard: string[] = [];
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => void heard.push("tools"));
      client.setNotificationHandler(PromptListChangedNotificationSchema, () => void heard.push("prompts"));
      // The client opens its stream by itself, and the gateway its own to the server behind that.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const names = async () =>
        (await client.listTools()).tools.map(({ name }) => name).filter((name) => name.endsWith("later"));
      const before = await names();
      const prefix = path === "/mcp" ? `${era}__` : "";
      await client.callTool({ name: `${prefix}test_trigger_tool_change`, arguments: {} });
      await until(() => heard.includes("tools"));
      expect((await names()).length).not.toBe(before.length);
      await client.callTool({ name: `${prefix}test_trigger_prompt_change`, arguments: {} });
      await until(() => heard.includes("prompts"));
    }
  });

  it("hears of the resources that it subscribed to", async () => {
    const { client } = await legacyClient("/mcp/servers/everything");
    const uri = (await client.listResources()).resources[0]?.uri ?? "";
    const heard: string[] = [];
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void heard.push(params.uri));
    await client.subscribeResource({ uri });
    await until(() => heard.length > 0);
    await client.callTool({ name: "toggle-subscriber-updates", arguments: {} });
    await until(() => heard.length > 1);
    expect(new Set(heard)).toEqual(new Set([uri]));
  });

  it("gets the answer of a call whose connection was cut, and the tool ran once", async () => {
    const proxy = await startCuttingProxy(gateway.url);
    closing.push(() => proxy.close());
    for (const era of eras) {
      const { client } = await legacyClient(`/mcp/servers/${era}`, proxy.url);
      const before = runs;
      const called = client.callTool({ name: "take_four_seconds", arguments: {} });
      await new Promise((resolve) => setTimeout(resolve, 2_600));
      proxy.cut();
      expect((await called).content).toEqual([{ type: "text", text: "four seconds later" }]);
      expect(runs).toBe(before + 1);
    }
  });
});

describe("a modern client", () => {
  it("finds everything without a session", async () => {
    const client = await modernClient("/mcp");
    expect(client.getProtocolEra()).toBe("modern");
    expect((await client.listTools()).tools.length).toBeGreaterThan(20);
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toContain("test://static-text");
    expect((await client.listResourceTemplates()).resourceTemplates.length).toBeGreaterThan(0);
  });

  it.each(eras)("listens for what changes at a %s server", async (era) => {
    for (const path of ["/mcp", `/mcp/servers/${era}`]) {
      const client = await modernClient(path);
      let heard = 0;
      client.setNotificationHandler("notifications/tools/list_changed", () => void (heard += 1));
      const subscription = await client.listen({ toolsListChanged: true });
      expect(subscription.honoredFilter).toEqual({ toolsListChanged: true });
      await new Promise((resolve) => setTimeout(resolve, 500));
      const prefix = path === "/mcp" ? `${era}__` : "";
      await client.callTool({ name: `${prefix}test_trigger_tool_change`, arguments: {} });
      await until(() => heard > 0);
      await subscription.close();
      expect(await subscription.closed).toBe("local");
    }
  });
});
