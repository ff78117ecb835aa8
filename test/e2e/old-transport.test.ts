/** Servers of the oldest transport, HTTP+SSE (2024-11-05): each call has a stream of its own, and so has each question. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { end } from "../conformance/fixture/web-http.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";
import { connect } from "../support/mcp-clients.ts";
import { register } from "../support/register.ts";

let gateway: TestGateway;
const transports = new Map<string, SSEServerTransport>();

const http = createServer((request, response) => {
  void (async () => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (request.method === "GET" && pathname === "/sse") {
      const transport = new SSEServerTransport("/messages", response);
      transports.set(transport.sessionId, transport);
      await oldServer().connect(transport);
    } else if (request.method === "POST" && pathname === "/messages") {
      await transports.get(searchParams.get("sessionId") ?? "")?.handlePostMessage(request, response);
    } else response.writeHead(404).end();
  })();
});

function oldServer(): McpServer {
  const server = new McpServer({ name: "old", version: "1" });
  server.registerTool("ask", { description: "Asks for a name" }, async () => {
    const properties = { name: { type: "string" as const } };
    const asked = { message: "What is your name?", requestedSchema: { type: "object" as const, properties } };
    const { content } = await server.server.elicitInput(asked);
    return { content: [{ type: "text", text: `Hello, ${String(content?.["name"])}!` }] };
  });
  return server;
}

beforeAll(async () => {
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  gateway = await startGateway();
  await register(gateway, "old", `http://127.0.0.1:${(http.address() as AddressInfo).port}/sse`);
});

afterAll(async () => {
  await gateway.stop();
  await end(http);
  await cleanUp();
});

describe.each(["legacy", "modern"] as const)("a %s client at a server of the oldest transport", (era) => {
  it("is asked in the middle of a call, and its answer gets there", async () => {
    const client = await connect(era, `${gateway.url}/mcp/servers/old`, gateway.key);
    const result = await client.call("ask");
    expect(JSON.stringify(result)).toContain("Hello, Ada!");
    expect(client.shown).toEqual(["What is your name?"]);
    await client.close();
  });
});
