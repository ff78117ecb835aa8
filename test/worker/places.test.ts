import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  ask,
  connectTo,
  expectProblem,
  passTime,
  register,
  tool,
  type Answer,
  type FakeServer,
  type Message,
} from "./door.ts";

let arrived = 0;
let gate = Promise.withResolvers<void>();

const slow: FakeServer = {
  host: "slow.example",
  tools: [tool("think")],
  answer: (_request, message) => (message?.method === "tools/call" ? think(message) : undefined),
};
const quick: FakeServer = { host: "quick.example", tools: [tool("now")] };

async function think({ id }: Message): Promise<Response> {
  arrived += 1;
  await gate.promise;
  return Response.json({ jsonrpc: "2.0", id, result: { content: [] } });
}

beforeEach(async () => {
  arrived = 0;
  gate = Promise.withResolvers();
  connectTo(slow, quick);
  const id = "slow";
  await register({ id, url: "https://slow.example/mcp", maxInFlight: 4 } as { id: string; url: string });
  await register({ id: "quick", url: "https://quick.example/mcp" });
});

afterEach(async () => {
  gate.resolve();
  vi.restoreAllMocks();
  for (const id of ["slow", "quick"]) await ask(`/servers/${id}`, { method: "DELETE" });
});

function call(name: string): Promise<Answer> {
  return ask("/call", { json: { tool: name, arguments: {} } });
}

async function underWay(count: number): Promise<Promise<Answer>[]> {
  const calls = Array.from({ length: count }, () => call("slow__think"));
  await vi.waitFor(() => expect(arrived).toBe(count));
  return calls;
}

it("sends a server no more calls at once than it takes, lets one wait, and refuses the rest at once", async () => {
  const running = await underWay(4);
  const waiting = call("slow__think");
  const refused = await Promise.all(Array.from({ length: 20 }, () => call("slow__think")));
  const codes = refused.map(({ status }) => status);
  expect(codes.filter((status) => status === 503)).toHaveLength(20);
  const body = expectProblem(refused[19] as Answer, 503, "server_busy");
  expect(body).toMatchObject({ server: "slow", execution: "not_executed", retryable: true });
  expect(refused[19]?.headers.get("retry-after")).toBe("1");
  expect(arrived).toBe(4);
  gate.resolve();
  const answers = await Promise.all([...running, waiting]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(arrived).toBe(5);
});

it("goes on serving other servers meanwhile", async () => {
  const running = await underWay(4);
  const others = await Promise.all(Array.from({ length: 50 }, () => call("quick__now")));
  expect(others.every(({ status }) => status === 200)).toBe(true);
  gate.resolve();
  await Promise.all(running);
});

it("gives back the place of every call that has ended, failed ones too", async () => {
  for (let round = 0; round < 5; round += 1) {
    gate = Promise.withResolvers();
    const before = arrived;
    const calls = Array.from({ length: 4 }, () => call("slow__think"));
    await vi.waitFor(() => expect(arrived).toBe(before + 4));
    if (round % 2 === 0) gate.resolve();
    else gate.reject(new TypeError("Network connection lost."));
    await Promise.all(calls);
  }
  gate = Promise.withResolvers();
  gate.resolve();
  passTime(20_000);
  expect((await call("slow__think")).status).toBe(200);
});

it("shows how many may be under way, and takes another number", async () => {
  expect((await ask("/servers/slow")).body).toMatchObject({ maxInFlight: 4 });
  const changed = await ask("/servers/slow", { method: "PATCH", json: { maxInFlight: 7 } });
  expect(changed.body).toMatchObject({ maxInFlight: 7 });
  const usual = await ask("/servers/slow", { method: "PATCH", json: { maxInFlight: null } });
  expect(usual.body).toMatchObject({ maxInFlight: 256 });
  expectProblem(await ask("/servers/slow", { method: "PATCH", json: { maxInFlight: 0 } }), 422, "invalid_fields");
});
