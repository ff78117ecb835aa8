/** What `GET /servers/{id}/connect` says, done: each snippet that can be run here is run as it stands. */
import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startEverything, type RealServer } from "../core/upstream/real-servers.ts";
import { cleanUp, startGateway, temporaryFolder, type TestGateway } from "../support/gateway.ts";
import { programOf } from "../support/programs.ts";
import { register } from "../support/register.ts";

let gateway: TestGateway;
let server: RealServer;
let snippets: Map<string, string>;

beforeAll(async () => {
  gateway = await startGateway();
  server = await startEverything("streamableHttp");
  await register(gateway, "everything", server.url);
  const { body } = await gateway.call("/servers/everything/connect");
  const { clients } = body as { clients: { client: string; text: string }[] };
  snippets = new Map(clients.map(({ client, text }) => [client, text]));
});

afterAll(async () => {
  await gateway.stop();
  await server.stop();
  await cleanUp();
});

it("TypeScript: lists the tools", async () => {
  // Among the tests, since that is where the package is found.
  const file = join(import.meta.dirname, ".snippet.mts");
  await writeFile(file, snippets.get("TypeScript") ?? "");
  try {
    const env = { ...process.env, PATCHBAY_KEY: gateway.key };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
    expect(stdout).toContain("'echo'");
  } finally {
    await rm(file);
  }
});

it("Claude Desktop: starts mcp-remote, which finds the tools", async () => {
  const { mcpServers } = JSON.parse(snippets.get("Claude Desktop") ?? "") as {
    mcpServers: Record<string, { command: string; args: string[]; env: Record<string, string> }>;
  };
  const { command, args, env } = mcpServers["everything"] ?? { command: "", args: [], env: {} };
  expect([command, ...args.slice(0, 2)]).toEqual(["npx", "-y", expect.stringMatching(/^mcp-remote@[\d.]+$/)]);
  const filled = Object.entries(env).map(([name, value]) => [name, value.replace("<PATCHBAY_KEY>", gateway.key)]);
  const client = new Client({ name: "desktop-test", version: "1" });
  await client.connect(
    new StdioClientTransport({
      // The very package, but from here instead of from the registry.
      command: process.execPath,
      args: [programOf("mcp-remote"), ...args.slice(2)],
      env: { ...getDefaultEnvironment(), MCP_REMOTE_CONFIG_DIR: temporaryFolder(), ...Object.fromEntries(filled) },
      stderr: "ignore",
    }),
  );
  const said = await client.callTool({ name: "echo", arguments: { message: "hello" } });
  expect(said.content).toEqual([{ type: "text", text: "Echo: hello" }]);
  await client.close();
});

it("the version that it names is the one that is tested here", async () => {
  const { default: installed } = (await import("../../package.json", { with: { type: "json" } })) as {
    default: { devDependencies: Record<string, string> };
  };
  expect(snippets.get("Claude Desktop")).toContain(`mcp-remote@${installed.devDependencies["mcp-remote"]}`);
});
