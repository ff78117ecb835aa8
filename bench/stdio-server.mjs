// A stdio MCP server that is as fast as Node allows: one precomputed answer to every call.
import { createInterface } from "node:readline";

const content = [{ type: "text", text: "The quick brown fox jumps over the lazy dog." }];
const results = {
  initialize: {
    protocolVersion: "2025-11-25",
    capabilities: { tools: {} },
    serverInfo: { name: "fast-stdio", version: "1" },
  },
  "tools/list": { tools: [{ name: "echo", description: "Gives back a line.", inputSchema: { type: "object" } }] },
  "tools/call": { content },
  ping: {},
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const result = results[method];
  const answer = result === undefined ? { error: { code: -32601, message: "Method not found" } } : { result };
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...answer })}\n`);
});
