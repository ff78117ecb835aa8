/** The command itself: what it says, and how it ends. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configFile, isAlive, runConnector, startConnector, stopConnectors, toyEntry } from "../support/connector.ts";
import { call, exchangesWith } from "../support/exchanges.ts";
import { fakeKey, startFakeGateway, type FakeGateway } from "../support/fake-gateway.ts";
import { cleanUp, temporaryFolder, until } from "../support/gateway.ts";

let gateway: FakeGateway;

beforeAll(async () => {
  gateway = await startFakeGateway();
});

afterAll(async () => {
  await stopConnectors();
  await gateway.stop();
  await cleanUp();
});

async function ended(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const run = runConnector(args, env);
  const code = await run.ended;
  return { code, out: run.stdout.join("\n"), err: run.stderr.join("\n") };
}

describe("patchbay connect", () => {
  it("explains itself", async () => {
    const { code, out } = await ended(["--help"]);
    expect([code, out]).toEqual([0, expect.stringContaining("npx patchbay connect [mcp.json]")]);
  });

  it.each([
    [["--nonsense"], "unknown option '--nonsense'"],
    [["a.json", "b.json", "--key", "k"], "one file at a time"],
    [["a.json", "--key", "k", "--gateway", "ftp://x"], "--gateway takes a URL"],
    [["a.json", "--key", "k", "--idle", "soon"], "--idle takes a number of seconds"],
    [["a.json"], "an API key with the scope 'connector' is needed"],
  ])("refuses %j in one line", async (args, words) => {
    const { code, err } = await ended(args, { PATCHBAY_KEY: "" });
    expect([code, err.split("\n").length, err]).toEqual([2, 1, expect.stringContaining(words)]);
  });

  it("says in one line what is wrong with its file", async () => {
    const broken = join(temporaryFolder(), "mcp.json");
    writeFileSync(broken, "{ not json");
    for (const [path, words] of [
      ["/no/such/mcp.json", "it does not exist"],
      [broken, broken],
    ] as const) {
      const { code, err } = await ended([path, "--key", fakeKey, "--gateway", gateway.url]);
      expect([code, err.split("\n").length, err]).toEqual([1, 1, expect.stringContaining(words)]);
    }
  });

  it("says in one line that the gateway cannot be reached, or does not take the key", async () => {
    const file = configFile({ toy: toyEntry() });
    const far = await ended([file, "--key", fakeKey, "--gateway", "http://127.0.0.1:9"]);
    expect([far.code, far.err]).toEqual([
      1,
      "patchbay: no connection to the gateway at http://127.0.0.1:9: nobody listens there",
    ]);
    const wrong = await ended([file, "--gateway", gateway.url], { PATCHBAY_KEY: "patchbay_wrong" });
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringMatching(/^patchbay: .*does not know this key[^\n]*$/)]);
    gateway.refuse({ status: 403, detail: "Insufficient scope." });
    const scopeless = await ended([file, "--gateway", gateway.url, "--key", fakeKey]);
    gateway.refuse(undefined);
    expect([scopeless.code, scopeless.err]).toEqual([1, expect.stringContaining("scope 'connector'")]);
  });

  it("tells what it would run, without running it or showing a secret", async () => {
    const file = configFile({
      toy: { command: "run-me", args: ["--now"], env: { TOKEN: "hush" } },
      far: { url: "http://127.0.0.1:1/mcp", headers: { Authorization: "hush" } },
      lost: { command: "${NOT_SET_AT_ALL}" },
    });
    const { code, out, err } = await ended([file, "--dry-run"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("toy runs run-me --now with TOKEN");
    expect(out).toContain("far passes on to http://127.0.0.1:1/mcp with Authorization");
    expect(out).toContain("lost is left out.");
    expect(out).not.toContain("hush");
  });

  it("runs only those that are named, and knows which are not there", async () => {
    const file = configFile({ one: toyEntry(), two: toyEntry() });
    const { code, err } = await ended([file, "--key", fakeKey, "--only", "three"]);
    expect([code, err]).toEqual([2, expect.stringContaining("no server 'three', but one, two")]);
    const run = await startConnector([file, "--gateway", gateway.url, "--key", fakeKey, "--only", "two"]);
    const ready = JSON.parse(run.stdout[0] ?? "") as object;
    expect(ready).toMatchObject({ ready: true, shards: [1], servers: [{ id: "two" }] });
    run.child.kill("SIGINT");
    expect(await run.ended).toBe(0);
  });

  it("writes plain lines when nobody looks, and each server's log under its name", async () => {
    const file = configFile({ dead: toyEntry({ how: "exit-at-once" }) });
    const run = runConnector([file, "--gateway", gateway.url, "--key", fakeKey, "--name", "my laptop"]);
    await until(() => run.stdout.some((line) => line.includes("dead is down")));
    expect(run.stdout.join("\n")).toContain(`patchbay: my-laptop is connected to ${gateway.url}, shard 1`);
    expect(run.stderr).toContain("[dead] Error: Cannot find module 'nothing'");
    run.child.kill("SIGTERM");
    expect(await run.ended).toBe(0);
  });
});

describe("the processes of a connector", () => {
  async function threeRunning() {
    const file = configFile({ a: toyEntry(), b: toyEntry({ how: "stubborn" }), c: toyEntry() });
    const run = await startConnector([file, "--gateway", gateway.url, "--key", fakeKey]);
    const mcp = exchangesWith(gateway);
    await until(() => ["a", "b", "c"].every((id) => gateway.socket().states.get(id)?.state === "ready"));
    const pids = [];
    for (const id of ["a", "b", "c"]) pids.push(Number(await mcp.textOf(id, await mcp.greet(id), call("pid"))));
    pids.push(Number(await mcp.textOf("a", await mcp.greet("a", { roots: {} }), call("pid"))));
    expect(pids.every(isAlive)).toBe(true);
    return { run, pids };
  }

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("all end on %s, the stubborn one too", async (signal) => {
    const { run, pids } = await threeRunning();
    run.child.kill(signal);
    expect(await run.ended).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it("all end when the connector is killed outright", async () => {
    const { run, pids } = await threeRunning();
    run.child.kill("SIGKILL");
    await run.ended;
    await until(() => !pids.some(isAlive));
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it("start on the first call when they are lazy, and end when they are idle; a session outlives that", async () => {
    const file = configFile({ toy: toyEntry() });
    const run = await startConnector([file, "--gateway", gateway.url, "--key", fakeKey, "--lazy", "--idle", "1"]);
    const mcp = exchangesWith(gateway);
    const stateOf = () => gateway.socket().states.get("toy")?.state;
    expect(stateOf()).toBe("idle");
    const session = await mcp.greet("toy");
    const first = Number(await mcp.textOf("toy", session, call("pid")));
    expect(stateOf()).toBe("ready");
    await until(() => stateOf() === "idle" && !isAlive(first));
    const second = Number(await mcp.textOf("toy", session, call("pid")));
    expect([second === first, isAlive(second)]).toEqual([false, true]);
    run.child.kill("SIGINT");
    expect(await run.ended).toBe(0);
    expect(isAlive(second)).toBe(false);
  });
});
