/** The servers people really run, started for the tests of this room. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { McpServer as LegacyMcpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { EmptyResultSchema, ListRootsResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

export interface RealServer {
  readonly url: string;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function spawned(
  args: readonly string[],
  port: number,
  path: string,
  env: Record<string, string> = {},
): Promise<RealServer> {
  const child = spawn(process.execPath, args, { env: { ...process.env, PORT: String(port), ...env }, stdio: "ignore" });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const origin = `http://127.0.0.1:${port}`;
  // Any answer at all means that it listens.
  for (let tries = 0; ; tries++) {
    const listening = await fetch(`${origin}/nothing`).then(
      (response) => response.body?.cancel().then(() => true),
      () => false,
    );
    if (listening) break;
    if (tries > 200 || child.exitCode !== null) throw new Error(`${args.join(" ")} did not start`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url: origin + path,
    stop: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

const everything = "node_modules/@modelcontextprotocol/server-everything/dist/index.js";

/** The official reference server: legacy, with sessions. */
export async function startEverything(transport: "streamableHttp" | "sse"): Promise<RealServer> {
  return spawned([everything, transport], await freePort(), transport === "sse" ? "/sse" : "/mcp");
}

/** server-memory behind mcp-proxy: both eras, and HTTP+SSE at /sse. */
export async function startMemory(path: "/mcp" | "/sse", flags: readonly string[] = []): Promise<RealServer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "memory-"));
  const memory = "node_modules/@modelcontextprotocol/server-memory/dist/index.js";
  const proxy = [
    "node_modules/mcp-proxy/dist/bin/mcp-proxy.mjs",
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    ...flags,
  ];
  const server = await spawned([...proxy, "--", process.execPath, memory], port, path, {
    MEMORY_FILE_PATH: join(folder, "memory.jsonl"),
  });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A web-standard handler on a port. */
async function hosted(handle: (request: Request) => Promise<Response>, end: () => Promise<void>): Promise<RealServer> {
  const server = createHttpServer((incoming, outgoing) => {
    void (async () => {
      const { method = "GET", url = "/" } = incoming;
      const headers = Object.entries(incoming.headers).map(
        ([name, value]) => [name, String(value)] as [string, string],
      );
      const parts: Buffer[] = [];
      for await (const part of incoming) parts.push(part as Buffer);
      const body = method === "POST" ? Buffer.concat(parts) : null;
      const response = await handle(new Request(`http://127.0.0.1${url}`, { method, headers, body }));
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      for await (const part of response.body ?? []) outgoing.write(part);
      outgoing.end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    stop: async () => {
      await end();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** SDK v2, modern only. */
export function startModernOnly(): Promise<RealServer> {
  const handler = createMcpHandler(
    () => {
      const server = new McpServer({ name: "modern-only", version: "2.0.0" });
      const region = z.string().meta({ "x-mcp-header": "Region" });
      server.registerTool("tööl", { description: "odd name", inputSchema: z.object({}) }, async () => ({
        content: [{ type: "text" as const, text: "odd" }],
      }));
      server.registerTool("weather", { inputSchema: z.object({ region }) }, async (given) => ({
        content: [{ type: "text" as const, text: `sun in ${given.region}` }],
      }));
      server.registerTool("ask", { inputSchema: z.object({}) }, async () => ({ content: [], isError: true }));
      return server;
    },
    { legacy: "reject" },
  );
  return hosted(
    (request) => handler.fetch(request),
    () => handler.close(),
  );
}

/** SDK v1: one session, JSON or event-stream answers. */
export async function startLegacySdk(enableJsonResponse: boolean): Promise<RealServer> {
  const server = new LegacyMcpServer({ name: "legacy-sdk", version: "1.0.0" });
  server.registerTool("add", { inputSchema: { a: z.number(), b: z.number() } }, async ({ a, b }) => ({
    content: [{ type: "text" as const, text: String(a + b) }],
  }));
  server.registerTool("ping-back", {}, async (extra) => {
    await extra.sendRequest({ method: "ping" }, EmptyResultSchema);
    const refused = extra.sendRequest({ method: "roots/list" }, ListRootsResultSchema);
    const words = await refused.then(
      () => "with roots",
      (error: unknown) => String(error),
    );
    await extra.sendNotification({ method: "notifications/tools/list_changed" });
    return { content: [{ type: "text" as const, text: words }] };
  });
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => "the-session",
    enableJsonResponse,
  });
  await server.connect(transport);
  return hosted(
    (request) => transport.handleRequest(request),
    () => server.close(),
  );
}
