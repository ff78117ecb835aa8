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

const lookup = tool("look", { annotations: { readOnlyHint: true } });
let arrived = 0;
/** How many of the next calls break off after they arrived. */
let breaks = 0;

const files: FakeServer = {
  host: "files.example",
  tools: [lookup, tool("write")],
  answer: (_request, message) => (message?.method === "tools/call" ? run(message) : undefined),
};

function run({ id }: Message): Response {
  arrived += 1;
  breaks -= 1;
  if (breaks >= 0) throw new TypeError("Network connection lost.");
  return Response.json({ jsonrpc: "2.0", id, result: { content: [] } });
}

async function given(trusted: boolean): Promise<void> {
  const server = { id: "files", url: "https://files.example/mcp", trusted };
  await register(server);
  // Leases of the test before this one are over.
  passTime(10_000);
}

beforeEach(() => {
  [arrived, breaks] = [0, 0];
  connectTo(files);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await ask("/servers/files", { method: "DELETE" });
});

function call(name: string): Promise<Answer> {
  return ask("/call", { json: { tool: `files__${name}`, arguments: {} } });
}

it("asks again, once, what is safe to ask, and counts it as one call", async () => {
  await given(true);
  breaks = 1;
  expect((await call("look")).status).toBe(200);
  expect(arrived).toBe(2);
  await vi.waitFor(async () => expect((await ask("/servers/files")).body).toMatchObject({ calls: 1, failures: 0 }));
  breaks = 2;
  expectProblem(await call("look"), 502, "server_unreachable");
  expect(arrived).toBe(4);
});

it("asks a server whose word is not trusted once only, and says that nobody knows", async () => {
  await given(false);
  breaks = 1;
  expectProblem(await call("look"), 502, "outcome_unknown");
  expect(arrived).toBe(1);
});

it("never sends a write again", async () => {
  await given(true);
  breaks = 1;
  expectProblem(await call("write"), 502, "outcome_unknown");
  expect(arrived).toBe(1);
});

it("repeats few of many when all of them break, so that a server in trouble is left alone", async () => {
  await given(true);
  breaks = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 30; n += 1) await call("look");
  // Three to begin with, one more for ten, and after a few failures the breaker refuses anyway.
  expect(arrived).toBeLessThanOrEqual(30 + 3 + 3);
});
