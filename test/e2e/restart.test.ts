/** 170 servers on 3 shards, the numbers of a fleet that is really run; then workerd is killed outright. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpAnswer } from "../support/call-http.ts";
import { startFleet, type FleetSimulator } from "../support/fleet-simulator.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";
import { inParallel } from "../support/in-parallel.ts";

const simulated = 170;
const toolsEach = 10;
/** The examples: one at an address, four behind a connector. */
const real = 5;

let fleet: FleetSimulator;
let gateway: TestGateway;
const numbers = Array.from({ length: simulated }, (_, n) => n);

beforeAll(async () => {
  fleet = await startFleet({ servers: simulated, tools: toolsEach, eras: (n) => (n % 3 === 0 ? "modern" : "legacy") });
  gateway = await startGateway({ shards: 3, examples: true });
});

afterAll(async () => {
  await gateway.stop();
  await fleet.stop();
  await cleanUp();
});

interface Count {
  readonly total: number;
  readonly shards: Readonly<Record<string, number>>;
  readonly states: Readonly<Record<string, number>>;
}

async function count(): Promise<Count> {
  const answer = await gateway.call("/servers/count");
  expect(answer.status, answer.text).toBe(200);
  return answer.body as Count;
}

interface Call {
  readonly n: number;
  readonly tool: string;
}

const calls: readonly Call[] = numbers.flatMap((n) =>
  Array.from({ length: toolsEach }, (_, t) => ({ n, tool: t === 0 ? "echo" : `tool-${t}` })),
);

async function callTool({ n, tool }: Call): Promise<HttpAnswer> {
  return await gateway.call("/call", {
    method: "POST",
    body: { tool: `${fleet.id(n)}__${tool}`, arguments: { text: `for ${n}` } },
  });
}

/** What is wrong with the answers, if anything is. */
async function callEveryTool(): Promise<readonly string[]> {
  const answers = await inParallel(16, calls, callTool);
  return answers.flatMap((answer, index) => {
    const { n, tool } = calls[index] ?? { n: -1, tool: "" };
    const said = JSON.stringify({ server: `sim ${n}`, tool, arguments: { text: `for ${n}` } });
    const expected = JSON.stringify(said);
    return answer.status === 200 && answer.text.includes(expected)
      ? []
      : [`${n} ${tool}: ${answer.status} ${answer.text}`];
  });
}

async function toolNames(): Promise<readonly string[]> {
  const names: string[] = [];
  let cursor = "";
  do {
    const answer = await gateway.call(
      `/tools?limit=500${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    const page = answer.body as { tools: readonly { name: string }[]; nextCursor?: string };
    names.push(...page.tools.map(({ name }) => name));
    cursor = page.nextCursor ?? "";
  } while (cursor !== "");
  return names;
}

describe("a fleet of 170 servers on 3 shards", () => {
  it("registers them all, and has the catalog of each", async () => {
    const answers = await inParallel(8, numbers, (n) =>
      gateway.call("/servers?wait=ready", { method: "POST", body: { id: fleet.id(n), url: fleet.url(n) } }),
    );
    expect(answers.filter(({ status }) => status !== 201).map(({ text }) => text)).toEqual([]);
  });

  it("counts them all, no shard above 110 % of the mean", async () => {
    const { total, shards, states } = await count();
    expect(total).toBe(simulated + real);
    expect(states).toEqual({ ready: simulated + real });
    const loads = Object.values(shards);
    expect(loads).toHaveLength(3);
    expect(loads.reduce((sum, load) => sum + load, 0)).toBe(total);
    expect(Math.max(...loads)).toBeLessThanOrEqual((1.1 * total) / 3);
  });

  it("lists every tool once", async () => {
    const names = await toolNames();
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.startsWith("sim-"))).toHaveLength(simulated * toolsEach);
  });

  it("executes any of the 1,700 tools, on the server it belongs to, once", async () => {
    const before = numbers.map((n) => fleet.executions(n));
    expect(await callEveryTool()).toEqual([]);
    expect(numbers.map((n) => fleet.executions(n) - (before[n] ?? 0))).toEqual(numbers.map(() => toolsEach));
  });

  it("is as it was after kill -9 and a start, without registering anything again", async () => {
    const before = await count();
    const names = await toolNames();
    const { key, data } = gateway;
    expect(await gateway.kill9()).toBe(1);
    const started = await startGateway({ data, examples: true });
    gateway = { ...started, key };
    expect(await count()).toEqual(before);
    expect(await toolNames()).toEqual(names);
    expect(await callEveryTool()).toEqual([]);
    const firstKey = await gateway.call("/servers/count", { headers: { Authorization: `Bearer ${key}` } });
    expect(firstKey.status, "the first key").toBe(200);
  });

  it("finds its way back when every server has forgotten its session", async () => {
    fleet.forgetSessions();
    const sample = calls.filter((_, index) => index % 17 === 0);
    const answers = await inParallel(16, sample, callTool);
    expect(answers.filter(({ status }) => status !== 200).map(({ text }) => text)).toEqual([]);
  });
});
