/** The tie to the gateway: sockets that come and go, shards that come and go, frames that are wrong. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { frameText } from "../../core/protocol/connector-frames.ts";
import { configFile, startConnector, stopConnectors, toyEntry, type ConnectorRun } from "../support/connector.ts";
import { call, exchangesWith, type Exchanges } from "../support/exchanges.ts";
import { fakeKey, startFakeGateway, type FakeGateway } from "../support/fake-gateway.ts";
import { cleanUp, until } from "../support/gateway.ts";

let gateway: FakeGateway;
let mcp: Exchanges;
let run: ConnectorRun;

beforeEach(async () => {
  gateway = await startFakeGateway(0, [1, 2]);
  mcp = exchangesWith(gateway);
  const file = configFile({ toy: toyEntry() });
  run = await startConnector([file, "--gateway", gateway.url, "--key", fakeKey, "--name", "laptop"]);
  await until(() => gateway.socket().states.get("toy")?.state === "ready");
});

afterEach(async () => {
  await stopConnectors();
  await gateway.stop();
  await cleanUp();
});

function open(): readonly number[] {
  const shards = gateway.sockets.filter(({ closed }) => !closed).map(({ shard }) => shard);
  return shards.toSorted((a, b) => a - b);
}

describe("a connector", () => {
  it("introduces itself, then holds a socket to every shard, each greeted with all its servers", () => {
    expect(gateway.registrations).toMatchObject([{ name: "laptop", servers: [{ id: "toy" }] }]);
    expect(open()).toEqual([1, 2]);
    for (const { frames } of gateway.sockets) {
      expect(frames[0]).toMatchObject({ t: "hello", name: "laptop", servers: [{ id: "toy" }] });
    }
    expect(JSON.parse(run.stdout[0] ?? "")).toMatchObject({ ready: true, name: "laptop", shards: [1, 2] });
  });

  it("tells every shard when the state of a server changes", async () => {
    await mcp.post("toy", call("die"), await mcp.greet("toy"));
    for (const shard of [1, 2]) {
      await until(() =>
        gateway.socket(shard).frames.some((frame) => frame.t === "state" && frame.server.reason.includes("exited")),
      );
      await until(() => gateway.socket(shard).states.get("toy")?.state === "ready");
      expect(gateway.socket(shard).states.get("toy")?.reason).toBe("");
    }
  });

  it("follows the shards as they come and go", async () => {
    gateway.setShards([2, 3], 2);
    await until(() => open().join() === "2,3");
    gateway.socket(3).welcome([1, 2], 1);
    gateway.setShards([3], 3);
    await until(() => open().join() === "3");
    expect(
      gateway.sockets.filter(({ shard }) => shard === 1),
      "an older list counts for nothing",
    ).toHaveLength(1);
  });

  it("asks anew where the shards are when one is not there", async () => {
    gateway.socket(1).welcome([1, 2, 9], 2);
    await until(() => gateway.registrations.length > 1);
    await until(() => run.stdout.some((line) => line.includes('"connected":true')));
    expect(open()).toEqual([1, 2]);
    expect(run.stderr.join("\n")).toContain("no connection to shard 9");
  });

  it("comes back when a socket is lost, and stops what nobody waits for any more", async () => {
    const session = await mcp.greet("toy");
    const before = gateway.socket();
    const slow = mcp.post("toy", call("slow", { ms: 60_000 }), session);
    before.drop();
    expect(await slow).toEqual({ is: "lost" });
    await until(() => open().includes(1));
    expect(await mcp.textOf("toy", session, call("count")), "its processes and sessions go on").toBe("1");
    expect(run.stderr.join("\n")).toContain("no connection to shard 1");
  });

  it("comes back when the whole gateway does", async () => {
    const port = Number(new URL(gateway.url).port);
    await gateway.stop();
    gateway = await startFakeGateway(port, [1, 2]);
    mcp = exchangesWith(gateway);
    await until(() => open().join() === "1,2");
    expect(await mcp.textOf("toy", await mcp.greet("toy"), call("count"))).toBe("1");
  });

  it.each([
    ["is none", "nonsense", 1007],
    ["no line", "", 1007],
    ["is unknown", frameText({ t: "dance" }), 1007],
    ["is for an exchange that was not opened", frameText({ t: "body", id: 9, n: 0, end: true }), 1002],
    [
      "has a gap before it",
      frameText({ t: "open", id: 7, n: 1, server: "toy", method: "POST", headers: {}, end: true }, "{}"),
      1002,
    ],
    ["is too large", `${frameText({ t: "cancel", id: 1 })}${"x".repeat(2_000_000)}`, 1009],
  ])("ends a socket on which a frame %s, and dials again", async (_, text, code) => {
    const before = gateway.socket();
    before.raw(text);
    await until(() => before.closed !== undefined);
    expect(before.closed?.code).toBe(code);
    await until(() => open().includes(1));
    expect(await mcp.textOf("toy", await mcp.greet("toy"), call("count"))).toBe("1");
  });

  it("fails what is for a server that it does not have: nothing was sent", async () => {
    expect(await mcp.post("nobody", call("echo"))).toMatchObject({ is: "failed", sent: false });
  });

  it("says when the gateway does not want one of its servers", async () => {
    gateway.socket().raw(frameText({ t: "stop", server: "toy", why: "It was removed." }));
    await until(() => run.stderr.some((line) => line.includes("toy: the gateway does not take it: It was removed.")));
    expect(open()).toContain(1);
  });
});
