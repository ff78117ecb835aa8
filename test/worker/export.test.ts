import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { serverInputSchema } from "../../core/contract/server.ts";
import { exportedEntrySchema } from "../../worker/routes/import/exported-entry.ts";
import { ask, connectTo, expectProblem, makeKey, pagesOf, tool, type Body, type FakeServer } from "./door.ts";
import { removeServers } from "./import-kit.ts";

const files: FakeServer = { host: "files.example", tools: [tool("read")] };
const url = "https://files.example/mcp";

beforeEach(() => connectTo(files));

afterEach(async () => {
  await removeServers();
  vi.restoreAllMocks();
});

async function servers(): Promise<readonly Body[]> {
  return (await ask("/servers?limit=1000")).body["servers"] as readonly Body[];
}

const said = [
  "id",
  "title",
  "url",
  "headers",
  "timeoutMs",
  "maxAnswerBytes",
  "maxInFlight",
  "limit",
  "allowPrivate",
  "trusted",
  "disabled",
];

/** What operators said of every server; what was found out is not theirs. */
async function settings(): Promise<unknown> {
  return (await servers()).map((server) => said.map((name) => server[name]));
}

async function exported(query = ""): Promise<{ text: string; mcpServers: Readonly<Record<string, Body>> }> {
  const answer = await ask(`/servers:export${query}`);
  expect(answer.status, answer.text).toBe(200);
  return { text: answer.text, mcpServers: answer.body["mcpServers"] as Readonly<Record<string, Body>> };
}

async function put(json: Readonly<Record<string, unknown>>): Promise<void> {
  const made = await ask("/servers", { json });
  expect(made.status, made.text).toBe(201);
}

it("writes a file that clients take, with placeholders where credentials are", async () => {
  await put({ id: "plain", url });
  await put({ id: "old", url, kind: "sse" });
  await put({ id: "pinned", url, kind: "http", disabled: true });
  await put({
    id: "keyed",
    url: `${url}?key=in-the-query`,
    headers: { Authorization: "Bearer s3cret", "X-Team": "blue" },
  });
  await put({ id: "behind", kind: "connector", title: "Behind" });
  const { mcpServers, text } = await exported();
  expect(mcpServers).toEqual({
    behind: { kind: "connector", title: "Behind" },
    keyed: {
      type: "http",
      url: `${url}\${KEYED_QUERY}`,
      headers: { Authorization: "${KEYED_AUTHORIZATION}", "X-Team": "${KEYED_X_TEAM}" },
    },
    old: { type: "sse", url },
    pinned: { type: "http", url, kind: "http", disabled: true },
    plain: { type: "http", url },
  });
  expect(text).not.toMatch(/s3cret|blue|in-the-query/);
});

it("shows queries to those who may change servers, when they ask", async () => {
  await put({ id: "a", url: `${url}?b=\${c}` });
  expect((await exported("?queries=true")).mcpServers["a"]?.["url"]).toBe(`${url}?b=$%7Bc}`);
  const { key } = await makeKey({ scopes: ["servers:read"] });
  expectProblem(await ask("/servers:export?queries=true", { key }), 403, "scope_missing");
  const shown = await ask("/servers:export", { key });
  expect(shown.body).toEqual({ mcpServers: { a: { type: "http", url: `${url}\${A_QUERY}` } } });
  const { key: other } = await makeKey({ scopes: ["tools:call"] });
  expectProblem(await ask("/servers:export", { key: other }), 403, "scope_missing");
});

it("gives no two credentials one name", async () => {
  await put({ id: "a-b", url, headers: { c: "1" } });
  await put({ id: "a_b", url, headers: { c: "2", "C!": "3" } });
  await put({ id: "a", url, headers: { "b-c": "4" } });
  await put({ id: "patchbay", url, headers: { key: "5" } });
  const { text } = await exported();
  const names = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
  expect(names).toHaveLength(5);
  expect(new Set(names).size).toBe(5);
  expect(names).toContain("SERVER_PATCHBAY_KEY");
  const pages = await pagesOf("/servers:export?limit=1");
  expect(pages).toHaveLength(4);
  expect(
    [
      ...pages
        .map((page) => page.text)
        .join("")
        .matchAll(/\$\{(\w+)\}/g),
    ].map(([, name]) => name),
  ).toEqual(names);
});

it("needs the credentials that it does not show, and says which", async () => {
  await put({ id: "keyed", url, headers: { Authorization: "Bearer s3cret" } });
  const { text } = await exported();
  await removeServers();
  const answer = await ask("/servers:import", { text });
  expect(answer.body["entries"]).toMatchObject([{ result: "needs_secret", needs: ["KEYED_AUTHORIZATION"] }]);
  const filled = await ask("/servers:import", { text: text.replace("${KEYED_AUTHORIZATION}", "Bearer s3cret") });
  expect(filled.body["entries"]).toMatchObject([{ result: "registered" }]);
  await ask("/servers/keyed:check", { method: "POST" });
  expect(files.seen?.get("authorization")).toBe("Bearer s3cret");
});

it("has a place for every setting that a server has", () => {
  expect(Object.keys(exportedEntrySchema.shape)).toEqual(
    expect.arrayContaining(Object.keys(serverInputSchema.shape).filter((name) => name !== "id")),
  );
});

const text = fc.string({ minLength: 1, maxLength: 20 });
const anyServer = fc.record(
  {
    id: fc.stringMatching(/^[A-Za-z0-9](-?[A-Za-z0-9]){1,12}-?$/).filter((id) => id !== "count"),
    path: fc.webPath(),
    query: fc.oneof(fc.constant(""), fc.webQueryParameters(), fc.constant("a=${b}")),
    reach: fc.constantFrom({}, { kind: "http" }, { kind: "sse" }, { kind: "connector" }),
    title: text,
    timeoutMs: fc.integer({ min: 100, max: 300_000 }),
    maxAnswerBytes: fc.integer({ min: 1024, max: 33_554_432 }),
    maxInFlight: fc.integer({ min: 1, max: 100_000 }),
    limit: fc.record({ perMinute: fc.integer({ min: 1, max: 1_000 }), burst: fc.integer({ min: 1, max: 1_000 }) }),
    allowPrivate: fc.boolean(),
    trusted: fc.boolean(),
    // A server that is used would be dialled in the background.
    disabled: fc.constant(true),
  },
  { requiredKeys: ["id", "path", "query", "reach", "disabled"] },
);

it("loses nothing on the way out and in again that may be shown", { timeout: 60_000 }, async () => {
  const fleets = fc.uniqueArray(anyServer, { selector: ({ id }) => id.toLowerCase(), minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fleets, async (fleet) => {
      await removeServers();
      for (const { path, query, reach, ...rest } of fleet) {
        const address = `https://files.example${path}${query === "" ? "" : `?${query}`}`;
        await put({ ...rest, ...reach, ...("kind" in reach && reach.kind === "connector" ? {} : { url: address }) });
      }
      const before = JSON.stringify(await settings()).replaceAll("${", "$%7B");
      const kinds = (await servers()).map(({ kind }) => kind);
      const out = await exported("?queries=true");
      await removeServers();
      const { body } = await ask("/servers:import", { text: out.text });
      const lines = body["entries"] as readonly { result: string; reason: string }[];
      expect(lines.filter(({ result }) => result !== "registered")).toEqual([]);
      expect(JSON.stringify(await settings())).toBe(before);
      expect((await servers()).map(({ kind }) => kind)).toEqual(kinds);
      expect((await exported("?queries=true")).text).toBe(out.text);
    }),
    { numRuns: 15 },
  );
});
