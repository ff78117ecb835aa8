/** How programs are told of an MCP endpoint, each in its own words. None holds the key: it stays in the environment. */

export interface Snippet {
  readonly client: string;
  /** A file to put it into, or where to type it. */
  readonly where: string;
  readonly language: "sh" | "json" | "toml" | "ts";
  readonly text: string;
  /** Opens the program with all of it filled in. */
  readonly link?: string;
}

export const keyVariable = "PATCHBAY_KEY";
const mcpRemote = "mcp-remote@0.15.1";

/** `name`: what the endpoint is called in the program. */
export function snippetsFor(name: string, url: string): readonly Snippet[] {
  const isPlain = url.startsWith("http:");
  const cursor = { url, headers: { Authorization: `Bearer \${env:${keyVariable}}` } };
  return [
    {
      client: "Claude Code",
      where: "a shell",
      language: "sh",
      text: `claude mcp add --transport http ${name} ${url} --header "Authorization: Bearer $${keyVariable}"`,
    },
    {
      client: "Claude Desktop",
      where: "claude_desktop_config.json",
      language: "json",
      text: json({
        mcpServers: {
          [name]: {
            command: "npx",
            // A space in an argument is lost on some systems, so the header's value comes from the environment.
            args: [
              "-y",
              mcpRemote,
              url,
              "--header",
              "Authorization:${AUTHORIZATION}",
              ...(isPlain ? ["--allow-http"] : []),
            ],
            env: { AUTHORIZATION: `Bearer <${keyVariable}>` },
          },
        },
      }),
    },
    {
      client: "Cursor",
      where: "~/.cursor/mcp.json",
      language: "json",
      text: json({ mcpServers: { [name]: cursor } }),
      link: `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(name)}&config=${encodeURIComponent(btoa(JSON.stringify(cursor)))}`,
    },
    {
      client: "VS Code",
      where: ".vscode/mcp.json",
      language: "json",
      text: json({
        inputs: [{ type: "promptString", id: "patchbay-key", description: "API key of the gateway", password: true }],
        servers: { [name]: { type: "http", url, headers: { Authorization: "Bearer ${input:patchbay-key}" } } },
      }),
    },
    {
      client: "Codex",
      where: "~/.codex/config.toml",
      language: "toml",
      text: `[mcp_servers.${name}]\nurl = "${url}"\nbearer_token_env_var = "${keyVariable}"`,
    },
    { client: "TypeScript", where: "@modelcontextprotocol/client", language: "ts", text: sdkText(url) },
  ];
}

function sdkText(url: string): string {
  return `import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const transport = new StreamableHTTPClientTransport(new URL("${url}"), {
  requestInit: { headers: { Authorization: \`Bearer \${process.env.${keyVariable}}\` } },
});
const client = new Client({ name: "my-client", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
await client.connect(transport);
console.log((await client.listTools()).tools.map((tool) => tool.name));
await client.close();`;
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
