import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ask, connectTo, expectProblem, faultsIn, register, tool, type FakeServer } from "./door.ts";
import { idsHere, importFile, removeServers, type Line } from "./import-kit.ts";

const files: FakeServer = { host: "files.example", tools: [tool("read")] };
const url = "https://files.example/mcp";

beforeEach(() => connectTo(files));

afterEach(async () => {
  await removeServers();
  vi.restoreAllMocks();
});

it("takes a Claude or Cursor file, and has a word for every entry", async () => {
  await register({ id: "there", url });
  const { entries, ignored } = await importFile({
    globalShortcut: "Ctrl+Space",
    mcpServers: {
      plain: { url },
      typed: { type: "streamable-http", url, headers: { "X-Team": "blue" } },
      There: { url },
      files: { command: "npx", args: ["-y", "server-files"], env: { TOKEN: "t0k3n" } },
      github: { type: "http", url, headers: { Authorization: "Bearer ${GITHUB_TOKEN}", "X-A": "${env:TEAM:-x}" } },
      fallback: { url: "${HOST:-https://files.example}/mcp" },
      inside: { url: "https://10.0.0.1/mcp" },
      empty: {},
      wrong: "https://files.example",
      socket: { type: "ws", url },
      off: { url, disabled: true },
    },
  });
  expect(Object.fromEntries(entries.map(({ name, result }) => [name, result]))).toEqual({
    plain: "registered",
    typed: "registered",
    There: "exists",
    files: "needs_connector",
    github: "needs_secret",
    fallback: "registered",
    inside: "refused",
    empty: "refused",
    wrong: "refused",
    socket: "refused",
    off: "registered",
  });
  expect(ignored).toEqual(["globalShortcut"]);
  const github = entries.find(({ name }) => name === "github");
  expect(github?.needs).toEqual(["GITHUB_TOKEN"]);
  expect(entries.find(({ name }) => name === "files")?.reason).toContain("npx patchbay connect");
  expect(github?.reason).toContain("GITHUB_TOKEN");
  expect(entries.filter(({ result, reason }) => result === "refused" && reason === "")).toEqual([]);
  expect(JSON.stringify(entries)).not.toContain("t0k3n");
  expect(await idsHere()).toEqual(["fallback", "off", "plain", "there", "typed"]);
  expect((await ask("/servers/typed")).body["headers"]).toEqual(["X-Team"]);
  expect((await ask("/servers/off")).body["disabled"]).toBe(true);
});

it.each(["url", "httpUrl", "serverUrl", "server_url", "baseUrl", "base_url"])(
  "reads the address from %s",
  async (name) => {
    const { entries } = await importFile({ mcpServers: { files: { [name]: url } } });
    expect(entries).toEqual([{ name: "files", id: "files", result: "registered", reason: "" }]);
  },
);

it("takes VS Code's servers and inputs, also from settings.json", async () => {
  const servers = {
    open: { type: "http", url },
    secret: { type: "http", url, headers: { Authorization: "Bearer ${input:token}" } },
    team: { type: "http", url, headers: { "X-Team": "${input:team}" } },
    local: { type: "stdio", command: "uvx" },
  };
  const inputs = [
    { id: "token", type: "promptString", password: true, default: "no" },
    { id: "team", type: "promptString", default: "blue" },
  ];
  const expected = ["registered", "needs_secret", "registered", "needs_connector"];
  const plain = await importFile({ servers, inputs });
  expect(plain.entries.map(({ result }) => result)).toEqual(expected);
  expect(plain.entries[1]?.needs).toEqual(["token"]);
  for (const id of await idsHere()) await ask(`/servers/${id}`, { method: "DELETE" });
  const nested = await importFile({ "editor.tabSize": 2, mcp: { servers, inputs } });
  expect(nested.entries.map(({ result }) => result)).toEqual(expected);
  expect(nested.ignored).toEqual(["editor.tabSize"]);
});

it("takes the registry's server.json, bare, wrapped, or a page of them", async () => {
  const bare = {
    $schema: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
    name: "io.github.acme/weather",
    description: "Weather",
    version: "1.0.0",
    title: "The weather",
    remotes: [
      { type: "sse", url: "https://files.example/sse" },
      {
        type: "streamable-http",
        url: "https://{tenant}.example/mcp",
        variables: { tenant: { default: "files" } },
        headers: [
          { name: "X-Optional" },
          { name: "X-Mode", value: "{mode}", variables: { mode: { default: "fast" } } },
        ],
      },
    ],
  };
  const { entries } = await importFile(bare);
  expect(entries).toMatchObject([{ name: "io.github.acme/weather", id: "weather", result: "registered" }]);
  expect(entries[0]?.reason).toContain(`"weather"`);
  expect(entries[0]?.reason).toContain("X-Optional");
  expect((await ask("/servers/weather")).body).toMatchObject({ url, title: "The weather", headers: ["X-Mode"] });
  expect((await importFile({ server: bare, _meta: {} })).entries).toMatchObject([{ id: "weather", result: "exists" }]);
  const secret = {
    name: "a/secret",
    remotes: [{ url, headers: [{ name: "Authorization", isRequired: true, isSecret: true }] }],
  };
  const older = {
    name: "a/older",
    remotes: [{ transport_type: "streamable", url, headers: [{ name: "X-K", is_required: true }] }],
  };
  const packaged = { name: "a/packaged", packages: [{ registryType: "npm", identifier: "packaged" }] };
  const page = await importFile({
    servers: [{ server: secret, _meta: {} }, older, packaged, 5],
    metadata: { count: 4 },
  });
  expect(page.entries.map(({ result }) => result)).toEqual([
    "needs_secret",
    "needs_secret",
    "needs_connector",
    "refused",
  ]);
});

it("makes ids out of names, and says so", async () => {
  const { entries } = await importFile({
    mcpServers: {
      "My Files (new)": { url },
      "my files: new": { url },
      _x__y_: { url },
      Ünïcode: { url },
      漢字: { url },
      ["long".repeat(20)]: { url },
    },
  });
  expect(entries.map(({ id, result }) => [id, result])).toEqual([
    ["My-Files-new", "registered"],
    ["my-files-new", "refused"],
    ["x_y", "registered"],
    ["Unicode", "registered"],
    ["server-6f22-5b57", "registered"],
    ["long".repeat(10), "registered"],
  ]);
  expect(entries[0]?.reason).toContain(`"My Files (new)" cannot be an id`);
  expect((await ask("/servers/x_y")).body["title"]).toBe("_x__y_");
});

it("takes a file as an editor writes it, and tells of two servers of one name", async () => {
  const text = `// mine\n{ "mcpServers": { "a": { "url": "${url}", }, /* again */ "a": { "command": "npx" }, "b": {} }, }`;
  const answer = await ask("/servers:import", { text });
  expect(answer.status, answer.text).toBe(200);
  const { entries } = answer.body as unknown as { entries: Line[] };
  expect(entries.map(({ name, result }) => [name, result])).toEqual([
    ["a", "registered"],
    ["b", "refused"],
    ["a", "refused"],
  ]);
  expect(entries[2]?.reason).toContain("two servers of this name");
});

it("registers what is left when another takes an id in the meantime", async () => {
  const file = { mcpServers: { a: { url }, b: { url }, c: { url } } };
  const [one, other] = await Promise.all([importFile(file), importFile(file)]);
  const results = [...one.entries, ...other.entries].map(({ name, result }) => `${name} ${result}`);
  expect(results.toSorted()).toEqual([
    "a exists",
    "a registered",
    "b exists",
    "b registered",
    "c exists",
    "c registered",
  ]);
});

it.each([
  [{}, ""],
  [{ mcpservers: {} }, ""],
  [{ mcpServers: [] }, "/mcpServers"],
  [{ mcpServers: "x" }, "/mcpServers"],
  [[], ""],
  [{ mcpServers: Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`s${i}`, {}])) }, "/mcpServers"],
  [{ servers: 5 }, "/servers"],
  [{ servers: {}, inputs: {} }, "/inputs"],
  [{ mcp: { servers: [] } }, "/mcp/servers"],
  [{ remotes: "x" }, "/remotes"],
])("refuses a file that is none (%#)", async (json, path) => {
  const refused = await ask("/servers:import", { json });
  expectProblem(refused, 422, "invalid_fields");
  expect(faultsIn(refused)).toEqual([path]);
});
