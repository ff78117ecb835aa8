import { afterEach, beforeEach, expect, it, vi } from "vitest";
import packageJson from "../../package.json";
import { ProxyShard } from "../../durable-objects/proxy-shard/proxy-shard.ts";
import {
  ask,
  connectTo,
  expectProblem,
  passTime,
  register,
  rootKey,
  silenceShard,
  tool,
  type FakeServer,
} from "./door.ts";

const files: FakeServer = { host: "files.example", tools: [tool("read"), tool("write")] };
const clock: FakeServer = { host: "clock.example", tools: [tool("now")] };

beforeEach(async () => {
  delete files.failing;
  connectTo(files, clock);
  await register({ id: "files", url: "https://files.example/mcp" }, { id: "clock", url: "https://clock.example/mcp" });
  letGuessesEnd();
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const id of ["files", "clock"]) await ask(`/servers/${id}`, { method: "DELETE" });
  await ask("/settings", { method: "PATCH", json: { displayName: "Patchbay", maintenanceNotice: null } });
});

/** `/health` and `/` are remembered for a moment, so that a crowd costs no object calls: this moment is over. */
function letGuessesEnd(): void {
  passTime(5_000);
}

async function shardOf(id: string): Promise<number> {
  return Number((await ask(`/servers/${id}`)).body["shard"]);
}

it("says what it is, to anyone", async () => {
  const { status, body, headers } = await ask("/", { key: null });
  expect(status).toBe(200);
  expect(body).toMatchObject({ name: "Patchbay", displayName: "Patchbay", maintenanceNotice: null });
  expect(body["version"]).toBe(packageJson.version);
  expect(headers.get("vary")).toBe("Accept");
  for (const link of Object.values(body["links"] as Record<string, string>)) {
    expect((await ask(link)).status, link).not.toBe(404);
  }
});

it("shows a browser a page, with the operator's words escaped", async () => {
  const words = { displayName: `<b>Ours</b> & "yours"`, maintenanceNotice: "<script>alert(1)</script>" };
  expect((await ask("/settings", { method: "PATCH", json: words })).status).toBe(200);
  const page = await ask("/", { key: null, headers: { accept: "text/html,*/*;q=0.8" } });
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(page.text).toContain("&lt;b&gt;Ours&lt;/b&gt; &amp; &quot;yours&quot;");
  expect(page.text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(page.text).not.toContain("<script");
  expect((await ask("/", { key: null })).body).toMatchObject(words);
});

it("is ok when every server is, and names none of them", async () => {
  const { status, body, text } = await ask("/health", { key: null });
  expect([status, body["status"]]).toEqual([200, "ok"]);
  expect(body["shards"]).toEqual([1, 2, 3].map((shard) => ({ shard, status: "ok", reason: "" })));
  expect(text).not.toMatch(/files|clock/);
});

it("is degraded when a server is down, and says so per shard", async () => {
  files.failing = 500;
  await ask("/servers/files:check", { method: "POST" });
  const shard = await shardOf("files");
  const { status, body, text } = await ask("/health", { key: null });
  expect([status, body["status"]]).toEqual([200, "degraded"]);
  const line = (body["shards"] as { shard: number; status: string; reason: string }[])[shard - 1];
  expect(line).toMatchObject({ shard, status: "degraded" });
  expect(line?.reason).toMatch(/^1 of \d servers is down\.$/);
  expect(text).not.toMatch(/files|clock/);
});

it("is degraded when a shard does not answer, and down when none does", async () => {
  silenceShard(2);
  const one = await ask("/health", { key: null });
  expect([one.status, one.body["status"]]).toEqual([200, "degraded"]);
  expect((one.body["shards"] as unknown[])[1]).toEqual({ shard: 2, status: "down", reason: "It does not answer." });
  vi.restoreAllMocks();
  vi.spyOn(console, "error").mockReturnValue();
  letGuessesEnd();
  vi.spyOn(ProxyShard.prototype, "status").mockRejectedValue(new Error("out of memory"));
  const all = await ask("/health", { key: null });
  expect([all.status, all.body["status"]]).toEqual([503, "down"]);
});

it("shows every shard and server, with state, reason, since, traffic, latency and uptime", async () => {
  await ask("/call", { json: { tool: "clock__now" } });
  files.failing = 500;
  await ask("/servers/files:check", { method: "POST" });
  const { status, body } = await ask("/status");
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: "degraded", controlPlane: "ok" });
  expect(body["totals"]).toMatchObject({ servers: 2, states: { ready: 1, down: 1 } });
  expect((body["shards"] as unknown[])[0]).toMatchObject({
    shard: 1,
    traffic: { calls: expect.any(Number), p50Ms: expect.any(Number), p99Ms: expect.any(Number) },
    uptimeMs: expect.any(Number),
    objectCalls: expect.any(Number),
    rowsWritten: expect.any(Number),
  });
  const [first, second] = body["servers"] as Record<string, unknown>[];
  expect(first).toMatchObject({ id: "clock", state: "ready", reason: "", kind: "http", era: "legacy", tools: 1 });
  expect(second).toMatchObject({ id: "files", state: "down", shard: await shardOf("files") });
  expect(second?.["reason"]).not.toBe("");
  expect(new Date(String(second?.["since"])).toISOString()).toBe(second?.["since"]);
});

it("shows a silent shard as down and its servers as unknown, and counts them", async () => {
  const shard = await shardOf("files");
  silenceShard(shard);
  const { status, body } = await ask("/status");
  expect(status).toBe(200);
  expect((body["shards"] as unknown[])[shard - 1]).toMatchObject({ shard, status: "down" });
  const servers = body["servers"] as Record<string, unknown>[];
  expect(servers.map(({ id }) => id)).toEqual(["clock", "files"]);
  expect(servers[1]).toMatchObject({ state: "unknown", reason: `Shard ${shard} does not answer.`, since: null });
  const count = await ask("/servers/count");
  expect(count.body["total"]).toBe(2);
  expect((count.body["states"] as Record<string, number>)["unknown"]).toBeGreaterThanOrEqual(1);
  expect((await ask(`/shards/${shard}`)).body).toMatchObject({ shard, status: "down" });
});

it("asks for a key for /status", async () => {
  expectProblem(await ask("/status", { key: null }), 401, "key_missing");
  expectProblem(await ask("/status", { key: `${rootKey}x` }), 401, "key_invalid");
});
