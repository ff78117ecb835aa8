/** Real stdio servers, through a real connector and a real gateway, called by REST and by official clients. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configFile, startConnector, stopConnectors, toyEntry } from "../support/connector.ts";
import { cleanUp, startGateway, temporaryFolder, until, type TestGateway } from "../support/gateway.ts";
import { connect, type Behind, type ClientEra, type McpClient } from "../support/mcp-clients.ts";
import { programOf } from "../support/programs.ts";

let gateway: TestGateway;
let key: string;
const open: McpClient[] = [];

const logs = { toy: join(temporaryFolder(), "log"), "toy-modern": join(temporaryFolder(), "log") };
const ids = ["everything", "memory", "toy", "toy-modern"];

beforeAll(async () => {
  gateway = await startGateway({ shards: 3 });
  key = await makeKey(["connector"]);
  const file = configFile({
    memory: npm("@modelcontextprotocol/server-memory", "mcp-server-memory", {
      MEMORY_FILE_PATH: join(temporaryFolder(), "memory.jsonl"),
    }),
    everything: npm("@modelcontextprotocol/server-everything", "mcp-server-everything"),
    toy: toyEntry({ log: logs.toy }),
    "toy-modern": toyEntry({ modern: true, log: logs["toy-modern"] }),
  });
  await startConnector([file, "--gateway", gateway.url, "--key", key, "--name", "laptop"]);
  await until(async () => (await states()).every((state) => state === "ready"));
});

afterAll(async () => {
  await Promise.all(open.map((one) => one.close()));
  await stopConnectors();
  await gateway.stop();
  await cleanUp();
});

function npm(name: string, program: string, env = {}) {
  return { command: process.execPath, args: [programOf(name, program)], env };
}

async function makeKey(scopes: readonly string[]): Promise<string> {
  const { body, text } = await gateway.call("/keys", { method: "POST", body: { name: "test", scopes } });
  const made = (body as { key?: string }).key;
  if (made === undefined) throw new Error(text);
  return made;
}

async function states(): Promise<readonly (string | undefined)[]> {
  const answers = await Promise.all(ids.map((id) => gateway.call(`/servers/${id}`)));
  return answers.map(({ body }) => (body as { state?: string }).state);
}

function call(tool: string, args: object = {}) {
  return gateway.call("/call", { method: "POST", body: { tool, arguments: args } });
}

async function client(era: ClientEra, path = "/mcp", behind?: Behind): Promise<McpClient> {
  const connected = await connect(era, `${gateway.url}${path}`, gateway.key, behind);
  open.push(connected);
  return connected;
}

describe("servers behind a connector", () => {
  it("are listed as such, spread over the shards, with who carries them", async () => {
    const { body } = await gateway.call("/connectors");
    expect(body).toMatchObject({
      connectors: [{ name: "laptop", shards: [1, 2, 3], servers: ids.map((id) => ({ id })) }],
    });
    expect((await gateway.call("/servers/memory")).body).toMatchObject({ kind: "connector", state: "ready" });
  });

  it("keep what a REST caller stores in the real memory server", async () => {
    const entities = [{ name: "Ada", entityType: "person", observations: ["wrote the first program"] }];
    expect((await call("memory__create_entities", { entities })).status).toBe(200);
    expect((await call("memory__read_graph")).text).toContain("wrote the first program");
  });

  it("answer numbers beyond 2^53 as they came", async () => {
    expect((await call("toy__odd")).text).toContain("12345678901234567890");
  });

  it.each(["legacy", "modern"] as const)("offer their tools to a %s client, and run them", async (era) => {
    const mcp = await client(era);
    const tools = await mcp.tools();
    expect(tools).toEqual(expect.arrayContaining(["memory__read_graph", "everything__echo", "toy-modern__count"]));
    expect(JSON.stringify(await mcp.call("everything__echo", { message: "hello" }))).toContain("hello");
    expect(JSON.stringify(await mcp.call("toy-modern__echo"))).toContain("2026-07-28");
  });

  it.each(["legacy", "modern"] as const)("ask a %s client what they want to know", async (era) => {
    const mcp = await client(era);
    const answered = await mcp.call("toy__ask");
    expect(JSON.stringify(answered)).toContain("Ada");
    expect(mcp.shown).toEqual(["Who are you?"]);
  });

  it("report the progress of the reference server's long work", async () => {
    const heard: number[] = [];
    const mcp = await client("legacy", "/mcp/servers/everything");
    const name = "trigger-long-running-operation";
    const answered = await mcp.call(
      name,
      { duration: 1, steps: 4 },
      { onProgress: (progress) => heard.push(progress) },
    );
    expect(JSON.stringify(answered)).toContain("completed");
    expect(heard).toEqual([1, 2, 3, 4]);
  });

  it.each(["legacy", "modern"] as const)("report progress to a %s client", async (era) => {
    const heard: number[] = [];
    const mcp = await client(era);
    await mcp.call("toy__steps", { ms: 50 }, { onProgress: (progress) => heard.push(progress) });
    expect(heard).toEqual([1, 2, 3]);
  });

  it.each([
    ["legacy", "toy"],
    ["modern", "toy-modern"],
    ["modern", "toy"],
    ["legacy", "toy-modern"],
  ] as const)("hear that a %s client gives up (%s)", async (era, server) => {
    const mcp = await client(era);
    const giveUp = new AbortController();
    const waiting = mcp.call(`${server}__slow`, { ms: 60_000, era }, { signal: giveUp.signal });
    waiting.catch(() => undefined);
    const log = () => (existsSync(logs[server]) ? readFileSync(logs[server], "utf8") : "");
    await until(() => log().includes(`slow {"ms":60000,"era":"${era}"}`));
    const before = log().match(/cancelled/g)?.length ?? 0;
    giveUp.abort();
    await expect(waiting).rejects.toThrow(/abort/i);
    await until(() => (log().match(/cancelled/g)?.length ?? 0) > before);
    expect(log().match(/cancelled/g)).toHaveLength(before + 1);
  });

  it("answer what is large, whole", async () => {
    const { status, text } = await call("toy__big", { size: 10_000_000 });
    expect([status, text.length > 10_000_000]).toEqual([200, true]);
  });

  it("are down, with the reason, when nobody carries them", async () => {
    const file = configFile({ passing: toyEntry() });
    const second = await startConnector([file, "--gateway", gateway.url, "--key", key, "--name", "visitor"]);
    await until(async () => (await call("passing__count")).status === 200);
    second.child.kill("SIGTERM");
    expect(await second.ended).toBe(0);
    await until(async () => ((await gateway.call("/servers/passing")).body as { state: string }).state === "down");
    expect((await gateway.call("/servers/passing")).text).toContain("visitor");
    const { status, body } = await call("passing__count");
    expect([status, body]).toMatchObject([502, { code: "server_down", execution: "not_executed" }]);
  });

  it("are offered with a key for that alone, and not with another", async () => {
    const answer = await gateway.call("/tools", { headers: { Authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(403);
    const wrong = await makeKey(["tools:call"]);
    const file = configFile({ other: toyEntry() });
    await expect(startConnector([file, "--gateway", gateway.url, "--key", wrong])).rejects.toThrow(
      "it needs the scope 'connector'",
    );
  });
});
