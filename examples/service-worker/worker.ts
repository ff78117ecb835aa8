/** An MCP server that is a Worker: the official server package, both eras, no state. README.md says how to bind it. */
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

const dayMs = 86_400_000;

function desk(): McpServer {
  const server = new McpServer({ name: "desk", version: "1.0.0" });
  server.registerTool(
    "sha256",
    {
      description: "The SHA-256 of a text, in hexadecimal.",
      inputSchema: z.object({ text: z.string() }),
      annotations: { readOnlyHint: true },
    },
    async ({ text }) => {
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
      return { content: [{ type: "text", text: hex }] };
    },
  );
  server.registerTool(
    "days_between",
    {
      description: "How many days lie between two dates.",
      inputSchema: z.object({ from: z.iso.date(), to: z.iso.date() }),
      outputSchema: z.object({ days: z.int() }),
      annotations: { readOnlyHint: true },
    },
    ({ from, to }) => {
      const days = Math.round((Date.parse(to) - Date.parse(from)) / dayMs);
      return { content: [{ type: "text", text: `${days} days` }], structuredContent: { days } };
    },
  );
  return server;
}

const handler = createMcpHandler(desk);

export default {
  fetch(request: Request): Response | Promise<Response> {
    const { pathname } = new URL(request.url);
    return pathname === "/mcp" ? handler.fetch(request) : new Response("The desk is at /mcp.", { status: 404 });
  },
};
