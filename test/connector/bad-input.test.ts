/** One bad entry, or one bad program, hurts nobody else, and is told by name in one line. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configFile, startConnector, stopConnectors, toyEntry, type ConnectorRun } from "../support/connector.ts";
import { call, exchangesWith, request, type Exchanges } from "../support/exchanges.ts";
import { fakeKey, startFakeGateway, type FakeGateway } from "../support/fake-gateway.ts";
import { cleanUp, until } from "../support/gateway.ts";

let gateway: FakeGateway;
let mcp: Exchanges;
let run: ConnectorRun;

beforeAll(async () => {
  gateway = await startFakeGateway();
  mcp = exchangesWith(gateway);
  gateway.taken.add("elsewhere");
  const file = configFile({
    well: toyEntry(),
    missing: { command: "no-such-program-here", args: [] },
    nowhere: toyEntry({ more: { cwd: "/no/such/folder" } }),
    dead: toyEntry({ how: "exit-at-once" }),
    noisy: toyEntry({ how: "noisy" }),
    silent: toyEntry({ how: "silent" }),
    huge: toyEntry(),
    secret: toyEntry({ more: { env: { TOKEN: "${NOBODY_HAS_SET_THIS}" } } }),
    gone: { url: "http://127.0.0.1:9/mcp" },
    elsewhere: toyEntry(),
    "two words": toyEntry(),
    "two-words": toyEntry(),
  });
  run = await startConnector([file, "--gateway", gateway.url, "--key", fakeKey]);
  await until(() => stateOf("well")?.state === "ready" && stateOf("noisy")?.state === "ready");
});

afterAll(async () => {
  await stopConnectors();
  await gateway.stop();
  await cleanUp();
});

function stateOf(server: string) {
  return gateway.socket().states.get(server);
}

function told(server: string): string {
  return run.stderr.filter((line) => line.startsWith(`patchbay: server ${server}:`)).join("\n");
}

describe("a connector with servers that", () => {
  it.each([
    ["missing", "cannot start: there is no program 'no-such-program-here'"],
    ["nowhere", "cannot start: the folder /no/such/folder does not exist"],
    ["dead", "exited with code 1: Error: Cannot find module 'nothing'"],
    ["gone", "cannot be reached: nobody listens there"],
  ])("cannot run (%s) tells the gateway why, and that nothing was sent", async (server, reason) => {
    await until(() => stateOf(server)?.state === "down");
    expect(stateOf(server)).toMatchObject({ state: "down", reason });
    const ended = await mcp.post(server, request("initialize", { protocolVersion: "2025-11-25", capabilities: {} }));
    expect(ended).toMatchObject({ is: "failed", sent: false, reason });
  });

  it("end at once stay down while they are tried again, and are ready when they are", async () => {
    const before = gateway.socket().frames.length;
    await until(() => run.stderr.filter((line) => line.startsWith("[dead]")).length >= 4);
    const states = gateway
      .socket()
      .frames.slice(before)
      .filter((frame) => frame.t === "state" && frame.server.id === "dead");
    expect(states, "that is no news").toEqual([]);
  });

  it("do not answer initialize says so, while it waits", async () => {
    await until(() => stateOf("silent")?.reason !== "");
    expect(stateOf("silent")).toMatchObject({ state: "starting", reason: "does not answer initialize yet" });
  });

  it("write noise to stdout works, and says so once", async () => {
    expect(await mcp.textOf("noisy", await mcp.greet("noisy"), call("count"))).toBe("1");
    expect(told("noisy")).toContain("writes to stdout what is not MCP");
    expect(run.stderr.filter((line) => line.includes("server noisy")).length).toBe(1);
  });

  it("need a value that nobody has set leaves it out, by name", () => {
    expect(told("secret")).toContain("NOBODY_HAS_SET_THIS");
    expect(stateOf("secret")).toBeUndefined();
  });

  it("have two names that come to the same id takes the first", () => {
    expect(gateway.registrations).toMatchObject([
      { servers: expect.arrayContaining([{ id: "two-words", title: "two words" }]) },
    ]);
    expect(told("two-words")).toContain("two-words");
  });

  it("the gateway has under the same id as something else says so", () => {
    expect(told("elsewhere")).toContain("the gateway does not take it: It is registered as http.");
  });

  it("answer with a line of 100 MB ends it, fails the call truthfully, and starts it again", async () => {
    const session = await mcp.greet("huge");
    const ended = await mcp.post("huge", call("big", { size: 100_000_000 }), session);
    expect(ended).toEqual({ is: "failed", sent: true, reason: "wrote a line of more than 32 MiB" });
    expect(await mcp.textOf("huge", await mcp.greet("huge"), call("count"))).toBe("1");
  });

  it("does all that without hurting the one that is well", async () => {
    expect(await mcp.textOf("well", await mcp.greet("well"), call("count"))).toBe("1");
  });
});
