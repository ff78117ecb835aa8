import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, connectTo, expectProblem, makeKey, register, tool, type Body } from "../door.ts";

beforeEach(async () => {
  connectTo({ host: "files.example", tools: [tool("read")] });
  await register({ id: "files", url: "https://files.example/mcp" });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await ask("/servers/files", { method: "DELETE" });
});

describe("the server card", () => {
  it("is open to every page, says where MCP is spoken and what one needs, and names no server", async () => {
    const card = await ask("/mcp/server-card", { key: null, headers: { origin: "https://elsewhere.example" } });
    expect(card.status, card.text).toBe(200);
    expect(card.headers.get("content-type")).toBe("application/mcp-server-card+json");
    expect(card.headers.get("access-control-allow-origin")).toBe("*");
    expect(card.body).toMatchObject({
      name: "localhost/patchbay",
      title: "Patchbay",
      version: "0.1.0",
      remotes: [
        {
          type: "streamable-http",
          url: "https://localhost/mcp",
          supportedProtocolVersions: [
            "2026-07-28",
            "2025-11-25",
            "2025-06-18",
            "2025-03-26",
            "2024-11-05",
            "2024-10-07",
          ],
          headers: [{ name: "Authorization", isRequired: true, isSecret: true }],
        },
      ],
    });
    expect(card.text).not.toContain("files");
  });

  it("need not be sent twice", async () => {
    const etag = (await ask("/mcp/server-card", { key: null })).headers.get("etag") ?? "";
    const again = await ask("/mcp/server-card", { key: null, headers: { "if-none-match": etag } });
    expect([again.status, again.text]).toEqual([304, ""]);
    const other = await ask("/mcp/server-card", {
      key: null,
      origin: "https://127.0.0.1:8443",
      headers: { "if-none-match": etag },
    });
    expect(other.status).toBe(200);
    expect(other.body["name"]).toBe("127.0.0.1/patchbay");
  });
});

it("says of each endpoint what it is as a protected resource, there or not, where its challenge points", async () => {
  const base = "/.well-known/oauth-protected-resource";
  for (const path of ["", "/mcp", "/mcp/servers/files", "/mcp/servers/nowhere", "/mcp/toolsets/small"]) {
    const described = await ask(base + path, { key: null });
    expect(described.body).toEqual({
      resource: `https://localhost${path}`,
      resource_name: "Patchbay",
      resource_documentation: "https://localhost/docs",
      bearer_methods_supported: ["header"],
      scopes_supported: ["tools:list", "tools:call"],
    });
    expect(described.headers.get("access-control-allow-origin")).toBe("*");
    if (path === "") continue;
    const refused = await ask(path, { method: "POST", key: null });
    const [, url] = /resource_metadata="([^"]+)"/.exec(refused.headers.get("www-authenticate") ?? "") ?? [];
    expect(url).toBe(`https://localhost${base}${path}`);
  }
});

describe("GET /servers/{id}/connect", () => {
  const snippets = async (at: string) =>
    (await ask(at)).body["clients"] as { client: string; text: string; link?: string }[];

  it("has a snippet for each program, with the address in it and without a key", async () => {
    const all = await snippets("/servers/files/connect");
    const names = ["Claude Code", "Claude Desktop", "Cursor", "VS Code", "Codex", "TypeScript"];
    expect(all.map(({ client }) => client)).toEqual(names);
    for (const { text } of all) {
      expect(text).toContain("https://localhost/mcp/servers/files");
      expect(text).not.toContain("patchbay_");
    }
    const desktop = JSON.parse(all[1]?.text ?? "") as { mcpServers: { files: { args: string[] } } };
    expect(desktop.mcpServers.files.args).not.toContain("--allow-http");
    const config = new URL(all[2]?.link ?? "").searchParams.get("config") ?? "";
    expect(JSON.parse(atob(config))).toEqual(
      (JSON.parse(all[2]?.text ?? "") as { mcpServers: Body }).mcpServers["files"],
    );
  });

  it("is there for servers that are there, for this key", async () => {
    expectProblem(await ask("/servers/nowhere/connect"), 404, "unknown_server");
    const { key } = await makeKey({ scopes: ["tools:list"], tools: ["other__*"] });
    expectProblem(await ask("/servers/files/connect", { key }), 404, "unknown_server");
    const other = await makeKey({ scopes: ["tools:call"] });
    expectProblem(await ask("/servers/files/connect", { key: other.key }), 403, "scope_missing");
  });
});
