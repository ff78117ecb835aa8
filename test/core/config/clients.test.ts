import { expect, it } from "vitest";
import { read, readEntry, readFile } from "./read.ts";

it("reads Claude Desktop's file", () => {
  expect(readFile("claude_desktop_config.json")).toMatchObject([
    {
      id: "filesystem",
      is: "stdio",
      command: "npx",
      args: ["-y", "@modelcontextprotocol/server-filesystem", "/Users/ada/Desktop", "/Users/ada/Downloads"],
      env: {},
      needs: [],
    },
    { id: "brave-search", is: "stdio", env: { BRAVE_API_KEY: "YOUR_API_KEY_HERE" } },
    { id: "MCP_DOCKER", is: "stdio", command: "docker", args: ["mcp", "gateway", "run"] },
    { id: "windows", is: "stdio", env: { APPDATA: "C:\\Users\\ada\\AppData\\Roaming\\" } },
  ]);
});

it("reads Claude Code's file, with variables and what stands in for them", () => {
  const [api, events, database] = readFile("claude-code.mcp.json", { API_KEY: "k${1}", HOME: "/home/ada" });
  expect(api).toMatchObject({
    is: "http",
    url: "https://api.example.com/mcp",
    headers: { Authorization: "Bearer k${1}" },
  });
  expect(api).not.toHaveProperty("kind");
  expect(api?.needs).toEqual([]);
  expect(events).toMatchObject({ is: "http", kind: "sse", headers: { "X-API-Key": "open" } });
  expect(database).toMatchObject({
    is: "stdio",
    command: "/opt/plugin/servers/db-server",
    args: ["--config", "/home/ada/config.json"],
    env: { DB_URL: "${DB_URL}", CACHE: "" },
    needs: ["DB_URL"],
    notes: ["Not taken over: timeout."],
  });
});

it("reads Cursor's file, and those of clients that do as it does", () => {
  const [python, figma, windsurf, context7] = readFile("cursor.mcp.json", { API_KEY: "secret" });
  expect(python).toMatchObject({
    id: "server-name",
    name: "server name",
    title: "server name",
    is: "stdio",
    args: ["/work/tools/mcp_server.py", "--port", "8080", "--quiet", "true"],
    env: { API_KEY: "secret", RETRIES: "3", DEBUG: "false" },
    envFile: "/home/ada/.env",
  });
  expect(python?.notes[0]).toContain(`"server name" cannot be an id`);
  expect(figma).toMatchObject({ is: "http", url: "http://127.0.0.1:3845/sse" });
  expect(windsurf).toMatchObject({ is: "http", url: "https://mcp.example.com/mcp", headers: { "X-Tries": "3" } });
  expect(context7).toMatchObject({ id: "context7-mcp", is: "stdio", disabled: true });
  expect(context7?.notes.join(" ")).toContain("autoApprove, alwaysAllow");
});

it("reads VS Code's file with comments, trailing commas and inputs", () => {
  const [github, perplexity, fetch] = readFile("vscode.mcp.jsonc");
  expect(github).toMatchObject({
    id: "Github",
    is: "http",
    url: "https://api.githubcopilot.com/mcp/",
    needs: ["token"],
  });
  expect(perplexity).toMatchObject({ is: "stdio", env: { REGION: "eu" }, needs: ["perplexity-key"] });
  expect(fetch).toMatchObject({ is: "stdio", cwd: "/work/web", env: {}, needs: [] });
  const [told] = readFile("vscode.mcp.jsonc", { INPUT_TOKEN: "t", TOKEN: "not this one" });
  expect(told).toMatchObject({ headers: { Authorization: "Bearer t" }, needs: [] });
});

it("reads VS Code's settings.json, and says what it left", () => {
  const { entries, ignored } = read({
    "editor.tabSize": 2,
    mcp: { inputs: [{ id: "a", default: "b" }], servers: { one: { url: "https://x.example/${input:a}" } } },
  });
  expect(entries).toMatchObject([{ id: "one", url: "https://x.example/b" }]);
  expect(ignored).toEqual(["editor.tabSize"]);
});

it("reads Zed's settings.json", () => {
  const settings = `{ "theme": "One Dark", "context_servers": { "a": { "command": "npx", "args": [], "env": {} }, "a": {} }, }`;
  const { entries, ignored } = read(settings);
  expect(entries).toMatchObject([
    { id: "a", is: "stdio", command: "npx" },
    { id: "a", is: "refused" },
  ]);
  expect(ignored).toEqual(["theme"]);
});

it("takes the address of an entry that has a command as well, unless it says that it is stdio", () => {
  const both = { url: "https://x.example/mcp", command: "npx" };
  expect(readEntry(both)).toMatchObject({ is: "http", notes: ["Not taken over: command."] });
  expect(readEntry({ ...both, type: "stdio" })).toMatchObject({ is: "stdio", notes: ["Not taken over: url."] });
});

it("tells of a bridge that a gateway does not need", () => {
  const bridge = ["-y", "mcp-remote@latest", "https://x.example/mcp?key=secret", "--header", "A: b"];
  const notes = readEntry({ command: "npx", args: bridge })?.notes.join(" ");
  expect(notes).toContain("mcp-remote");
  expect(notes).not.toContain("secret");
  expect(readEntry({ command: "npx", args: ["-y", "mcp-remote-tools"] })?.notes).toEqual([]);
});

it("never gives the gateway's own variables away", () => {
  const env = { PATCHBAY_ADMIN_KEY: "secret", INPUT_PATCHBAY_ADMIN_KEY: "fine" };
  expect(readEntry({ url: "https://x.example/${PATCHBAY_ADMIN_KEY}" }, env)?.needs).toEqual(["PATCHBAY_ADMIN_KEY"]);
  expect(readEntry({ url: "https://x.example/${env:patchbay_admin_key}" }, env)?.needs).toHaveLength(1);
});

it("reads what `GET /servers` shows and what `POST /servers` takes, whose credentials are to be given", () => {
  const shown = {
    id: "a",
    title: null,
    url: "https://x.example/mcp",
    kind: "http",
    headers: ["Authorization"],
    limit: null,
    timeoutMs: 500,
    state: "ready",
  };
  const [entry] = read({ servers: [shown] }, { A_AUTHORIZATION: "Bearer 1" }).entries;
  expect(entry).toMatchObject({
    id: "a",
    is: "http",
    kind: "http",
    headers: { Authorization: "Bearer 1" },
    settings: { timeoutMs: 500 },
  });
  expect(read(shown).entries).toMatchObject([{ id: "a", needs: ["A_AUTHORIZATION"] }]);
});

it("reads what an export writes of a server behind a connector, whose command it cannot know", () => {
  expect(readEntry({ kind: "connector", title: "Files", timeoutMs: 500 })).toMatchObject({
    is: "refused",
    behindConnector: true,
    title: "Files",
    settings: { timeoutMs: 500 },
  });
  expect(readEntry({ kind: "connector", command: "npx" })).toMatchObject({ is: "stdio" });
  const bound = readEntry({ kind: "service", url: "service://TIME/mcp" });
  expect(bound).toMatchObject({ is: "http", url: "service://TIME/mcp" });
  expect(bound).not.toHaveProperty("kind");
});

it.each([
  [{}, "neither an address"],
  [{ type: "stdio" }, "neither an address"],
  ["https://x.example", "Invalid input"],
  [null, "Invalid input"],
  [{ command: ["npx"] }, "command"],
  [{ command: "" }, "command"],
  [{ command: "npx", args: "-y server" }, "args"],
  [{ command: "npx", args: [{}] }, "args.0"],
  [{ command: "npx", env: { A: [] } }, "env.A"],
  [{ url: "https://x.example", headers: "X: y" }, "headers"],
  [{ type: "ws", url: "wss://x.example" }, `does not speak "ws"`],
  [{ url: "https://x.example/${A:-${B}}" }, "within a placeholder"],
])("says why an entry is none (%#)", (entry, reason) => {
  const got = readEntry(entry);
  expect(got).toMatchObject({ id: "it", name: "it", is: "refused" });
  expect(got?.is === "refused" ? got.reason : "").toContain(reason);
});
