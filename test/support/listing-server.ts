/** A legacy MCP server that lists the tools it is given, whatever they look like. */
import { createServer } from "node:http";
import { close, listen, readBody } from "./fleet-simulator.ts";

export interface ListingServer {
  readonly url: string;
  stop(): Promise<void>;
}

interface Message {
  readonly id?: number | string;
  readonly method: string;
}

export async function startListingServer(tools: readonly unknown[]): Promise<ListingServer> {
  const results: Readonly<Record<string, unknown>> = {
    initialize: {
      protocolVersion: "2025-11-25",
      capabilities: { tools: {} },
      serverInfo: { name: "listing", version: "1.0.0" },
    },
    "tools/list": { tools },
    ping: {},
  };
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      if (request.method !== "POST") return response.writeHead(405).end();
      const { id, method } = JSON.parse(text) as Message;
      if (id === undefined) return response.writeHead(202).end();
      const answer = results[method]
        ? { result: results[method] }
        : { error: { code: -32_601, message: "Method not found" } };
      response.writeHead(200, { "Content-Type": "application/json" });
      return response.end(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
    });
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}/mcp`, stop: () => close(server) };
}
