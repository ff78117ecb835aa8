/** A real server that shows some of its tools only to clients that can be asked something: the reference server. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEverything, type RealServer } from "../core/upstream/real-servers.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";
import { connect, type ClientEra, type Fields } from "../support/mcp-clients.ts";
import { askModern, callModern } from "../support/raw-mcp.ts";
import { register } from "../support/register.ts";

const transports = ["streamableHttp", "sse"] as const;
const eras: readonly ClientEra[] = ["legacy", "modern"];
/** Those that the server registers once it knows that its client can be asked. */
const shown = [
  "get-roots-list",
  "trigger-elicitation-request",
  "trigger-sampling-request",
  "trigger-url-elicitation",
] as const;

let gateway: TestGateway;
const servers: RealServer[] = [];

beforeAll(async () => {
  gateway = await startGateway();
  for (const transport of transports) {
    const server = await startEverything(transport);
    servers.push(server);
    await register(gateway, transport, server.url);
  }
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(servers.map((server) => server.stop()));
  await cleanUp();
});

describe.each(transports)("over %s", (id) => {
  const door = () => ({ url: `${gateway.url}/mcp/servers/${id}`, key: gateway.key });
  const calling = (tool: string): Promise<{ status: number; text: string }> =>
    gateway.call("/call", { method: "POST", body: { server: id, tool } });

  it.each(eras)("lists them all to a %s client, whatever that can do", async (era) => {
    for (const capabilities of [{}, { elicitation: {} }]) {
      const client = await connect(era, door().url, gateway.key, { capabilities });
      const names = await client.tools();
      expect(names).toEqual(expect.arrayContaining([...shown]));
      // 13 without them; tasks of 2025-11-25, which a gateway cannot carry, are declared by nobody here.
      expect(names).toHaveLength(17);
      await client.close();
    }
  });

  it.each(eras)("calls them for a %s client that can be asked", async (era) => {
    const client = await connect(era, door().url, gateway.key);
    expect(textOf(await client.call("trigger-elicitation-request"))).toContain("- Name: Ada");
    expect(client.shown).toEqual(["Please provide inputs for the following fields:"]);
    expect(textOf(await client.call("trigger-sampling-request", { prompt: "What?" }))).toContain("Paris");
    await client.close();
  });

  it("tells a modern client that cannot be asked what it lacks, and nothing runs", async () => {
    const { last, status } = await askModern(door(), "tools/call", { name: shown[1], arguments: {} }, {});
    expect(status).toBe(400);
    const requiredCapabilities = { elicitation: {}, roots: {}, sampling: {} };
    expect(last["error"]).toMatchObject({ code: -32021, data: { requiredCapabilities } });
    const one = await askModern(door(), "tools/call", { name: shown[1], arguments: {} }, { sampling: {} });
    expect(one.last["error"]).toMatchObject({ code: -32021, data: { requiredCapabilities: { elicitation: {} } } });
  });

  it("tells a legacy client that cannot be asked why it may not", async () => {
    const client = await connect("legacy", door().url, gateway.key, { capabilities: {} });
    await expect(client.call(shown[1])).rejects.toThrow(/clients that can be asked more than this one/);
    await client.close();
  });

  it("tells a REST caller to come over MCP", async () => {
    const answer = await calling(shown[1]);
    expect(answer.status, answer.text).toBe(422);
    expect(JSON.parse(answer.text)).toMatchObject({
      code: "interaction_required",
      execution: "not_executed",
      asked: expect.stringContaining("elicitation/create"),
    });
    expect((await calling("echo")).text, "a fault of the caller's stays what it is").toContain("message");
    expect((await callModern(door(), "echo", { arguments: { message: "hi" } })).text).toContain("Echo: hi");
  });
});

function textOf(result: Fields): string {
  return JSON.stringify(result["content"] ?? result);
}
