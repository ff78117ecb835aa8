/** How much a legacy client wants to hear of a real server, and its roots: with the reference server and the v1 client. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ListRootsRequestSchema, LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startEverything, type RealServer } from "../core/upstream/real-servers.ts";
import { cleanUp, startGateway, until, type TestGateway } from "../support/gateway.ts";
import { connect } from "../support/mcp-clients.ts";
import { register } from "../support/register.ts";

let gateway: TestGateway;
let everything: RealServer;

beforeAll(async () => {
  gateway = await startGateway();
  everything = await startEverything("streamableHttp");
  await register(gateway, "everything", everything.url);
});

afterAll(async () => {
  await gateway.stop();
  await everything.stop();
  await cleanUp();
});

/** The server asks on the session's own stream, and not on that of the call. */
it.each(["/mcp", "/mcp/servers/everything"])("is asked for its roots in the middle of a call at %s", async (path) => {
  const client = await connect("legacy", `${gateway.url}${path}`, gateway.key);
  const said = await client.call(path === "/mcp" ? "everything__get-roots-list" : "get-roots-list");
  expect(JSON.stringify(said)).toContain("file:///home");
  await client.close();
});

/** The server asks for the roots whenever they change, and logs at the level `info` that it has them. */
it("hears of a server's log what its level lets through, and no more", async () => {
  const client = new Client({ name: "v1", version: "1" }, { capabilities: { roots: { listChanged: true } } });
  const heard: unknown[] = [];
  let asked = 0;
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void heard.push(params));
  client.setRequestHandler(ListRootsRequestSchema, () => {
    asked += 1;
    return { roots: [{ uri: `file:///home/${asked}`, name: `Home ${asked}` }] };
  });
  const requestInit = { headers: { Authorization: `Bearer ${gateway.key}` } };
  await client.connect(
    new StreamableHTTPClientTransport(new URL("/mcp/servers/everything", gateway.url), { requestInit }),
  );
  const roots = async () => JSON.stringify(await client.callTool({ name: "get-roots-list", arguments: {} }));

  await client.setLoggingLevel("error");
  await until(async () => (await roots()).includes("Home 1"));
  await client.sendRootsListChanged();
  await until(async () => (await roots()).includes("Home 2"));
  expect(heard).toEqual([]);

  await client.setLoggingLevel("info");
  // Servers are told with the next call.
  await roots();
  await client.sendRootsListChanged();
  await until(() => heard.length > 0);
  expect(heard).toEqual([
    { level: "info", logger: "everything-server", data: expect.stringContaining("Roots updated") },
  ]);
  expect(await roots()).toContain("Home 3");
  await client.close();
});
