/** A server that listens on the connector's machine: passed on as it is, with the credential that stays there. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { configFile, startConnector, stopConnectors } from "../support/connector.ts";
import { exchangesWith, request, type Exchanges } from "../support/exchanges.ts";
import { startFaultyServer, type FaultyServer } from "../support/faulty-server.ts";
import { fakeKey, startFakeGateway, type FakeGateway } from "../support/fake-gateway.ts";
import { cleanUp, until } from "../support/gateway.ts";

let gateway: FakeGateway;
let server: FaultyServer;
let mcp: Exchanges;

beforeAll(async () => {
  server = await startFaultyServer();
  gateway = await startFakeGateway();
  mcp = exchangesWith(gateway);
  const file = configFile({ local: { url: server.url, headers: { Authorization: "Bearer stays-here" } } });
  await startConnector([file, "--gateway", gateway.url, "--key", fakeKey]);
  await until(() => gateway.socket().states.get("local")?.state === "ready");
});

afterAll(async () => {
  await stopConnectors();
  await gateway.stop();
  await server.stop();
  await cleanUp();
});

beforeEach(() => server.behave());

const greeting = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
const echo = (text: string) => request("tools/call", { name: "echo", arguments: { text } });

async function session(): Promise<Record<string, string>> {
  const { headers } = await mcp.answerTo("local", request("initialize", greeting));
  return { "mcp-session-id": headers["mcp-session-id"] ?? "" };
}

describe("a local HTTP server", () => {
  it("is asked with its own credential, and answers with its session", async () => {
    const { status, text } = await mcp.answerTo("local", echo("hello ü🙂"), await session());
    expect([status, text]).toEqual([200, expect.stringContaining("hello ü🙂")]);
    expect(server.arrivals.at(-1)?.headers).toMatchObject({ authorization: "Bearer stays-here" });
    expect((await mcp.answerTo("local", echo(""), { "mcp-session-id": "unknown" })).status).toBe(404);
  });

  it("sends a large answer within its credit", async () => {
    const headers = await session();
    server.misbehave("oversized", ["tools/call"], 1);
    const large = gateway.socket().open("local", "POST", { body: echo("x"), headers, grants: false });
    await until(() => large.heard().length === 262_144);
    large.grant(30_000_000);
    expect(await large.ended).toMatchObject({ is: "answered", status: 200 });
    expect(large.heard().length).toBeGreaterThan(20_000_000);
  });

  it("hears that nobody waits any more", async () => {
    const headers = await session();
    server.misbehave("hang");
    const hanging = gateway.socket().open("local", "POST", { body: echo("x"), headers });
    await until(() => server.waiting() > 0);
    hanging.cancel();
    await until(() => server.waiting() === 0);
    expect(server.waiting()).toBe(0);
  });

  it("breaks off: nobody is told that it did not run", async () => {
    const headers = await session();
    for (const fault of ["reset", "truncatedJson"] as const) {
      server.misbehave(fault, ["tools/call"], 1);
      expect(await mcp.post("local", echo("x"), headers)).toMatchObject({ is: "failed", sent: true });
    }
    expect(gateway.socket().states.get("local")?.state).toBe("ready");
  });

  it("is gone: nothing was sent, and the gateway knows; it is back: the gateway knows that too", async () => {
    const port = Number(new URL(server.url).port);
    await server.stop();
    expect(await mcp.post("local", echo("x"))).toMatchObject({
      is: "failed",
      sent: false,
      reason: "cannot be reached: nobody listens there",
    });
    await until(() => gateway.socket().states.get("local")?.state === "down");
    const { createServer } = await import("node:http");
    const back = createServer((_, response) => response.end()).listen(port, "127.0.0.1");
    await until(() => gateway.socket().states.get("local")?.state === "ready");
    back.closeAllConnections();
    back.close();
    expect(gateway.socket().states.get("local")).toMatchObject({ state: "ready", reason: "" });
  });
});
