import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  ask,
  connectTo,
  expectProblem,
  makeKey,
  passTime,
  register,
  tool,
  type Answer,
  type FakeServer,
  type Message,
} from "./door.ts";

let ran = 0;
let gate: Promise<void> | undefined;
let broken = false;

const bank: FakeServer = {
  host: "bank.example",
  tools: [tool("pay"), tool("refund")],
  answer: (_request, message) => (message?.method === "tools/call" ? run(message) : undefined),
};

async function run({ id, params }: Message): Promise<Response> {
  await gate;
  ran += 1;
  if (broken) return new Response("<html>broken</html>", { status: 500 });
  const text = params?.["name"] === "huge" ? "x".repeat(2_000_000) : `payment ${ran}`;
  const result = { content: [{ type: "text", text }] };
  return Response.json({ jsonrpc: "2.0", id, result });
}

beforeEach(async () => {
  ran = 0;
  gate = undefined;
  broken = false;
  connectTo(bank);
  await register({ id: "bank", url: "https://bank.example/mcp" });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await ask("/servers/bank", { method: "DELETE" });
});

interface Payment {
  readonly once: string;
  readonly key?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

function pay({ once, key, body, headers }: Payment): Promise<Answer> {
  const json = { tool: "bank__pay", arguments: { amount: 1 }, ...body };
  return ask("/call", {
    ...(key === undefined ? {} : { key }),
    json,
    headers: { "idempotency-key": once, ...headers },
  });
}

it("runs once, and tells everyone who comes later the very same", async () => {
  const first = await pay({ once: "order-1" });
  expect(first.status, first.text).toBe(200);
  expect(first.headers.get("idempotent-replayed")).toBeNull();
  passTime(23 * 60 * 60 * 1000);
  const second = await pay({ once: "order-1" });
  expect([second.status, second.text]).toEqual([200, first.text]);
  expect(second.headers.get("idempotent-replayed")).toBe("true");
  expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
  expect(ran).toBe(1);
});

it("runs anew after a day", async () => {
  await pay({ once: "order-day" });
  passTime(24 * 60 * 60 * 1000 + 1);
  expect((await pay({ once: "order-day" })).headers.get("idempotent-replayed")).toBeNull();
  expect(ran).toBe(2);
});

it("takes a key in quotes for the same as one without", async () => {
  const first = await pay({ once: '"order \\"2\\""' });
  expect(first.status, first.text).toBe(200);
  await pay({ once: "order-2" });
  await pay({ once: '"order-2"' });
  expect(ran).toBe(2);
});

it("runs as often as it is called when there is no key", async () => {
  await ask("/call", { json: { tool: "bank__pay", arguments: {} } });
  await ask("/call", { json: { tool: "bank__pay", arguments: {} } });
  expect(ran).toBe(2);
});

it.each([
  ["other arguments", { arguments: { amount: 2 } }],
  ["another tool", { tool: "bank__refund" }],
])("refuses the key with %s", async (what, body) => {
  await pay({ once: `order-3-${what}`.replaceAll(" ", "-") });
  expectProblem(await pay({ once: `order-3-${what}`.replaceAll(" ", "-"), body }), 422, "idempotency_key_reused");
  expect(ran).toBe(1);
});

it("takes the tool in two parts for the same call", async () => {
  const first = await pay({ once: "order-4" });
  const second = await pay({ once: "order-4", body: { server: "bank", tool: "pay" } });
  expect(second.text).toBe(first.text);
  expect(ran).toBe(1);
});

it("refuses the second while the first runs, and ten at once run once", async () => {
  let open = (): void => undefined;
  gate = new Promise((resolve) => (open = resolve));
  const first = pay({ once: "order-5" });
  await vi.waitFor(async () => expect((await pay({ once: "order-5" })).status).toBe(409));
  const others = await Promise.all(Array.from({ length: 10 }, () => pay({ once: "order-5" })));
  for (const other of others) {
    expectProblem(other, 409, "idempotency_in_flight");
    expect(other.headers.get("retry-after")).toBe("1");
  }
  open();
  expect((await first).status).toBe(200);
  expect((await pay({ once: "order-5" })).text).toBe((await first).text);
  expect(ran).toBe(1);
});

it("lets nobody hear of another API key's calls", async () => {
  const [one, other] = [await makeKey({ scopes: ["tools:call"] }), await makeKey({ scopes: ["tools:call"] })];
  const first = await pay({ once: "shared", key: one.key });
  const second = await pay({ once: "shared", key: other.key });
  expect(second.headers.get("idempotent-replayed")).toBeNull();
  expect(second.text).not.toBe(first.text);
  expect(ran).toBe(2);
});

it("keeps a failure that may have run, and does not run it again when the server is well", async () => {
  broken = true;
  const first = expectProblem(await pay({ once: "order-6" }), 502, "server_status");
  broken = false;
  const second = await pay({ once: "order-6" });
  expect(second.status).toBe(502);
  expect(second.body).toEqual(first);
  expect(second.headers.get("idempotent-replayed")).toBe("true");
  expect(ran).toBe(1);
});

it("frees the key when the call was refused before it ran", async () => {
  expectProblem(await pay({ once: "order-7", body: { tool: "bank__pya" } }), 404, "unknown_tool");
  expect((await pay({ once: "order-7" })).status).toBe(200);
  expect(ran).toBe(1);
});

it("says so when the answer was too large to keep, and does not run again", async () => {
  bank.tools = [tool("pay"), tool("refund"), tool("huge")];
  await ask("/servers/bank:check", { method: "POST" });
  expect((await pay({ once: "order-8", body: { tool: "bank__huge" } })).status).toBe(200);
  expectProblem(await pay({ once: "order-8", body: { tool: "bank__huge" } }), 409, "idempotency_answer_lost");
  expect(ran).toBe(1);
});

it.each(["", '"', '"open', "two, keys", "a".repeat(256), '""'])(
  "refuses %j as a key, and runs nothing",
  async (once) => {
    const answer = await pay({ once });
    expectProblem(answer, 422, "invalid_fields");
    expect(ran).toBe(0);
  },
);
