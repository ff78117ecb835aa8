/** mcp-remote, the bridge of clients that can only start programs, with the official legacy client at its stdio end. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { CreateMessageRequestSchema, ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { programOf } from "./programs.ts";

export interface Behind {
  /** What a person fills in when asked. */
  readonly form: Readonly<Record<string, string>>;
  /** What the model says. */
  readonly words: string;
}

/** As Claude Desktop would start it: the key comes in the environment, where no list of processes shows it. */
export async function connectByBridge(url: string, key: string, folder: string, behind: Behind): Promise<Client> {
  const client = new Client({ name: "stdio-test", version: "1" }, { capabilities: { elicitation: {}, sampling: {} } });
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: { ...behind.form } }));
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    role: "assistant",
    content: { type: "text", text: behind.words },
    model: "none",
  }));
  const header = ["--header", "Authorization:${AUTHORIZATION}"];
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [programOf("mcp-remote"), url, "--allow-http", "--transport", "http-only", ...header],
      env: { ...getDefaultEnvironment(), AUTHORIZATION: `Bearer ${key}`, MCP_REMOTE_CONFIG_DIR: folder },
      stderr: "ignore",
    }),
  );
  return client;
}
