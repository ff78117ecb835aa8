/** What an import registers, and with which settings: beyond telling the formats apart. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ask, connectTo, tool, type FakeServer } from "./door.ts";
import { idsHere, importFile, removeServers } from "./import-kit.ts";

const files: FakeServer = { host: "files.example", tools: [tool("read")] };
const url = "https://files.example/mcp";

beforeEach(() => connectTo(files));

afterEach(async () => {
  await removeServers();
  vi.restoreAllMocks();
});

it("names what a command needs on its machine, and registers it for a connector when that is said", async () => {
  const mcpServers = {
    files: { command: "npx", env: { TOKEN: "${FILES_TOKEN}", OTHER: "s3cret" }, title: "Files", timeoutMs: 5_000 },
    "my clock": { command: "uvx", args: ["clock"], disabled: true },
    huge: { command: "npx", timeoutMs: 1 },
  };
  const told = await importFile({ mcpServers });
  expect(told.entries.map(({ id, result }) => [id, result])).toEqual([
    ["files", "needs_connector"],
    ["my-clock", "needs_connector"],
    ["huge", "needs_connector"],
  ]);
  expect(told.entries[0]).toMatchObject({ needs: ["FILES_TOKEN"], reason: expect.stringContaining("FILES_TOKEN") });
  expect(await idsHere()).toEqual([]);

  const { entries } = await importFile({ mcpServers }, "?withConnector=true");
  expect(entries.map(({ id, result }) => [id, result])).toEqual([
    ["files", "registered"],
    ["my-clock", "registered"],
    ["huge", "refused"],
  ]);
  expect(entries[0]?.reason).toContain("waits for a connector");
  expect(entries[2]?.reason).toContain("timeoutMs");
  const behind = (await ask("/servers/files")).body;
  expect(behind).toMatchObject({ kind: "connector", title: "Files", timeoutMs: 5_000 });
  expect(JSON.stringify([entries, behind])).not.toContain("s3cret");
  expect((await ask("/servers/my-clock")).body).toMatchObject({ disabled: true, title: "my clock" });
  const again = await importFile({ mcpServers });
  expect(again.entries.map(({ result }) => result)).toEqual(["exists", "exists", "needs_connector"]);
});

it("takes our own form and settings, and refuses an entry for one that is wrong as a whole", async () => {
  const settings = { timeoutMs: 900, limit: { perMinute: 6 }, trusted: true };
  const { entries } = await importFile({
    servers: [
      { id: "own", url, kind: "http", ...settings },
      { id: "wrong", url, limit: { perMinute: "many" } },
      { id: "count", url },
    ],
  });
  expect(entries.map(({ result }) => result)).toEqual(["registered", "refused", "refused"]);
  expect(entries[1]?.reason).toContain("limit/perMinute");
  expect((await ask("/servers/own")).body).toMatchObject({ ...settings, limit: { perMinute: 6, burst: 6 } });
  expect((await importFile({ id: "alone", url })).entries).toMatchObject([{ id: "alone", result: "registered" }]);
  expect(await idsHere()).toEqual(["alone", "own"]);
});

it("takes every value as it stands when that is said", async () => {
  const file = { mcpServers: { a: { url, headers: { "X-Key": "a${b}" } } } };
  expect((await importFile(file)).entries[0]).toMatchObject({ result: "needs_secret", needs: ["b"] });
  expect((await importFile(file, "?literal=true")).entries[0]?.result).toBe("registered");
  await ask("/servers/a:check", { method: "POST" });
  expect(files.seen?.get("x-key")).toBe("a${b}");
});

it("takes private addresses when that is said", async () => {
  const file = { mcpServers: { inside: { url: "https://10.0.0.1/mcp" } } };
  expect((await importFile(file)).entries[0]?.result).toBe("refused");
  expect((await importFile(file, "?allowPrivate=true")).entries[0]?.result).toBe("registered");
});
