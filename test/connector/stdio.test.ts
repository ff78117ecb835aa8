/** What the gateway sees of a stdio server: Streamable HTTP, in both eras, whatever the program does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { configFile, isAlive, startConnector, stopConnectors, toyEntry } from "../support/connector.ts";
import { call, exchangesWith, request, type Exchanges } from "../support/exchanges.ts";
import { fakeKey, startFakeGateway, type FakeGateway } from "../support/fake-gateway.ts";
import { cleanUp, temporaryFolder, until } from "../support/gateway.ts";

let gateway: FakeGateway;
let log: string;
let post: Exchanges["post"];
let answerTo: Exchanges["answerTo"];
let greet: Exchanges["greet"];
let textOf: Exchanges["textOf"];

beforeAll(async () => {
  gateway = await startFakeGateway();
  ({ post, answerTo, greet, textOf } = exchangesWith(gateway));
  log = join(temporaryFolder(), "log");
  const file = configFile({
    toy: toyEntry({ log }),
    modern: toyEntry({ modern: true }),
    strict: toyEntry({ how: "strict" }),
    mortal: toyEntry(),
  });
  await startConnector([file, "--gateway", gateway.url, "--key", fakeKey, "--name", "laptop"]);
  await until(() => stateOf("toy") === "ready");
});

afterAll(async () => {
  await stopConnectors();
  await gateway.stop();
  await cleanUp();
});

function stateOf(server: string): string | undefined {
  return gateway.socket().states.get(server)?.state;
}

describe("a legacy stdio server", () => {
  it("refuses the modern question like a legacy HTTP server, and is then greeted", async () => {
    const { status, text } = await answerTo("toy", request("server/discover"));
    expect([status, text]).toEqual([400, expect.stringContaining("not initialized")]);
    expect((await greet("toy"))["mcp-session-id"]).not.toBe("");
  });

  it("hears a call byte for byte, and its answer comes back so", async () => {
    const session = await greet("toy");
    const body = `{"jsonrpc":"2.0","id":"exact","method":"tools/call","params":{"name":"echo",\n"arguments":{"n":12345678901234567890,"s":"\\u0041\\n"}}}`;
    expect(await textOf("toy", session, body)).toBe(body.replace("\n", " "));
    const { text, headers } = await answerTo("toy", call("odd"), session);
    expect(text).toContain('"result":{"n":12345678901234567890,"s":"\\u0041"}');
    expect(headers["content-type"]).toBe("application/json");
  });

  it("does not know a session that it never gave", async () => {
    expect((await answerTo("toy", call("echo"), { "mcp-session-id": "made up" })).status).toBe(404);
    expect((await answerTo("toy", call("echo"))).status).toBe(400);
  });

  it("answers many calls at once, each its own", async () => {
    const session = await greet("toy");
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    const texts = await Promise.all(numbers.map((n) => textOf("toy", session, call("echo", { n }))));
    expect(
      texts.map((text) => (JSON.parse(text) as { params: { arguments: { n: number } } }).params.arguments.n),
    ).toEqual(numbers);
  });

  it("sends each call's progress on its own stream, the answer last", async () => {
    const session = await greet("toy");
    const one = answerTo("toy", call("steps", { ms: 20 }, { _meta: { progressToken: "a" } }), session);
    const two = answerTo("toy", call("steps", { ms: 20 }, { _meta: { progressToken: "b" } }), session);
    for (const [ended, token] of [[await one, "a"] as const, [await two, "b"] as const]) {
      expect(ended.headers["content-type"]).toBe("text/event-stream");
      const messages = [...ended.text.matchAll(/^data: (.+)$/gm)].map(([, data = ""]) => JSON.parse(data) as object);
      expect(messages).toMatchObject([
        { params: { progressToken: token, progress: 1 } },
        { params: { progressToken: token, progress: 2 } },
        { params: { progressToken: token, progress: 3 } },
        { result: { content: [{ text: "done" }] } },
      ]);
    }
  });

  it("tells what belongs to no call on the stream of its own", async () => {
    const session = await greet("toy");
    const own = gateway.socket().open("toy", "GET", { headers: session });
    await answerTo("toy", call("change"), session);
    await vi.waitFor(() => expect(own.heard()).toContain("notifications/tools/list_changed"));
    own.cancel();
  });

  it("hears that nobody waits any more, once", async () => {
    const session = await greet("toy");
    const slow = gateway.socket().open("toy", "POST", {
      body: request("tools/call", { name: "slow", arguments: { ms: 60_000 } }, "tired"),
      headers: session,
    });
    await vi.waitFor(() => expect(logged()).toContain("slow"));
    slow.cancel();
    const notice = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "tired" } };
    expect((await answerTo("toy", JSON.stringify(notice), session)).status).toBe(202);
    await vi.waitFor(() => expect(logged()).toContain("cancelled tired"));
    await textOf("toy", session, call("count"));
    expect(logged().match(/cancelled tired/g)).toHaveLength(1);
  });

  it("sends a large answer within the credit that it is given", async () => {
    const session = await greet("toy");
    const size = 3_000_000;
    const large = gateway
      .socket()
      .open("toy", "POST", { body: call("big", { size }), headers: session, grants: false });
    await vi.waitFor(() => expect(large.heard().length).toBe(262_144));
    await textOf("toy", session, call("count"));
    expect(large.heard().length).toBe(262_144);
    large.grant(4_000_000);
    expect(await large.ended).toMatchObject({ is: "answered", status: 200 });
    expect(large.heard().length).toBeGreaterThan(size);
  });

  it("takes a large request in parts", async () => {
    const session = await greet("toy");
    const text = "ü🙂".repeat(400_000);
    expect(await textOf("toy", session, call("echo", { text }))).toContain(text);
  });

  it("may not be asked for two things under one id", async () => {
    const session = await greet("toy");
    const slow = post("toy", request("tools/call", { name: "slow", arguments: { ms: 300 } }, "same"), session);
    const second = await post("toy", request("tools/call", { name: "count", arguments: {} }, "same"), session);
    expect(second).toMatchObject({ is: "failed", sent: false });
    expect(await slow).toMatchObject({ is: "answered" });
  });

  it("that ends at the modern question is greeted all the same", async () => {
    await vi.waitFor(() => expect(stateOf("strict")).toBe("ready"), { timeout: 10_000 });
    expect(await textOf("strict", await greet("strict"), call("count"))).toBe("1");
  });

  it("floods a caller who does not read: the answer still comes, memory stays bounded", async () => {
    const session = await greet("toy");
    const flooded = gateway
      .socket()
      .open("toy", "POST", { body: call("flood", { times: 20_000 }), headers: session, grants: false });
    await vi.waitFor(() => expect(logged()).toContain("all said"), { timeout: 20_000 });
    flooded.grant(40_000_000);
    const ended = await flooded.ended;
    expect(ended).toMatchObject({ is: "answered" });
    expect(flooded.heard()).toContain("flooded");
    expect(flooded.heard().length).toBeLessThan(10_000_000);
  });
});

describe("a client that can be asked something", () => {
  it("has a process of its own, is asked on its call's stream, and answers", async () => {
    const session = await greet("toy", { elicitation: {} });
    const shared = await greet("toy");
    expect(session).not.toEqual(shared);
    expect(await textOf("toy", session, call("pid"))).not.toBe(await textOf("toy", shared, call("pid")));
    const asked = gateway.socket().open("toy", "POST", { body: call("ask"), headers: session });
    await vi.waitFor(() => expect(asked.heard()).toContain("elicitation/create"));
    const { id } = JSON.parse(/^data: (.+)$/m.exec(asked.heard())?.[1] ?? "{}") as { id: string };
    const reply = { jsonrpc: "2.0", id, result: { action: "accept", content: { name: "Ada" } } };
    expect((await answerTo("toy", JSON.stringify(reply), session)).status).toBe(202);
    await asked.ended;
    expect(asked.heard()).toContain("Ada");
  });

  it("that cannot, is shown the question, since that is why its call will fail", async () => {
    const session = await greet("toy");
    const asked = gateway.socket().open("toy", "POST", { body: call("ask"), headers: session });
    await until(() => asked.heard().includes("elicitation/create"));
    const { id } = JSON.parse(/^data: (.+)$/m.exec(asked.heard())?.[1] ?? "{}") as { id: string };
    const refusal = { jsonrpc: "2.0", id, error: { code: -32_601, message: "Method not found" } };
    await answerTo("toy", JSON.stringify(refusal), session);
    await asked.ended;
    expect(asked.heard()).toContain("nobody answered");
  });

  it("ends its process when it says goodbye", async () => {
    const session = await greet("toy", { elicitation: {} });
    const pid = Number(await textOf("toy", session, call("pid")));
    const bye = await gateway.socket().open("toy", "DELETE", { headers: session }).ended;
    expect(bye).toMatchObject({ status: 200 });
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
    expect((await answerTo("toy", call("pid"), session)).status).toBe(404);
  });

  it("takes the place of the one that is idle for longest, or shares the process when eight are at work", async () => {
    const sessions = [];
    for (let n = 0; n < 9; n += 1) sessions.push(await greet("mortal", { elicitation: {} }));
    const [first = {}, ...others] = sessions;
    expect((await answerTo("mortal", call("pid"), first)).status).toBe(404);
    const pids = await Promise.all(others.map((session) => textOf("mortal", session, call("pid"))));
    expect(new Set(pids).size).toBe(8);
    const busy = others.map((headers) =>
      gateway.socket().open("mortal", "POST", { body: call("slow", { ms: 60_000 }), headers }),
    );
    const tenth = await greet("mortal", { elicitation: {} });
    expect(await textOf("mortal", tenth, call("pid"))).toBe(await textOf("mortal", await greet("mortal"), call("pid")));
    for (const one of busy) one.cancel();
    for (const headers of others) await gateway.socket().open("mortal", "DELETE", { headers }).ended;
  });
});

describe("a modern stdio server", () => {
  it("is spoken to without a session", async () => {
    await vi.waitFor(() => expect(stateOf("modern")).toBe("ready"), { timeout: 10_000 });
    const found = await answerTo("modern", request("server/discover"));
    expect(found.text).toContain("2026-07-28");
    expect(await textOf("modern", {}, call("count"))).toBe("1");
    expect(await gateway.socket().open("modern", "GET").ended).toMatchObject({ status: 405 });
    expect((await answerTo("modern", request("nonsense"))).status).toBe(404);
  });
});

describe("a server that dies in the middle of a call", () => {
  it("fails that call truthfully, and the next session works", async () => {
    const session = await greet("mortal");
    const waiting = post("mortal", call("slow", { ms: 60_000 }), session);
    const dying = await post("mortal", call("die"), session);
    expect(dying).toMatchObject({ is: "failed", sent: true, reason: "exited with code 7: I am dying" });
    expect(await waiting).toMatchObject({ is: "failed", sent: true });
    expect((await answerTo("mortal", call("count"), session)).status).toBe(404);
    expect(await textOf("mortal", await greet("mortal"), call("count"))).toBe("1");
    await vi.waitFor(() => expect(stateOf("mortal")).toBe("ready"));
  });
});

function logged(): string {
  return readFileSync(log, "utf8");
}
