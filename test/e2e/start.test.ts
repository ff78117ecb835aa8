/** What `npm start` promises to the person and to the script that runs it. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { callHttp } from "../support/call-http.ts";
import { close, listen } from "../support/fleet-simulator.ts";
import { cleanUp, runLauncher, startGateway, temporaryFolder, until } from "../support/gateway.ts";

afterAll(cleanUp);

describe("the first start", () => {
  it("serves real example servers, with a key that works now and after a restart", async () => {
    const first = await startGateway({ examples: true });
    expect(first.servers).toBe(5);
    expect(first.shards).toBe(3);
    const states = (await first.call("/servers/count")).body;
    expect(states).toMatchObject({ total: 5, states: { ready: 5 } });
    const entities = [{ name: "Ada", entityType: "person", observations: ["wrote the first program"] }];
    const made = await first.call("/call", {
      method: "POST",
      body: { tool: "memory__create_entities", arguments: { entities } },
    });
    expect(made.status, made.text).toBe(200);
    expect(await first.stop()).toBe(0);

    const second = await startGateway({ data: first.data, examples: true });
    const authorization = { Authorization: `Bearer ${first.key}` };
    const read = await second.call("/call", {
      method: "POST",
      headers: authorization,
      body: { tool: "memory__read_graph", arguments: {} },
    });
    expect(read.status, read.text).toBe(200);
    expect(read.text).toContain("wrote the first program");
    expect(read.body).toMatchObject({ server: "memory", tool: "read_graph" });
    const listed = await second.call("/call", {
      method: "POST",
      body: { tool: "filesystem__list_directory", arguments: { path: join(first.data, "files") } },
    });
    expect(listed.text).toContain("welcome.txt");
    expect(second.key, "a later start has a key of its own").not.toBe(first.key);
    expect((await second.call("/servers/count")).status).toBe(200);
    await second.stop();

    const third = await startGateway({ data: first.data });
    const stale = await third.call("/servers/count", { headers: { Authorization: `Bearer ${second.key}` } });
    expect(stale.status, "the key of a start ends with it").toBe(401);
    await third.stop();
  });

  it("keeps its secret and its folder from other users", async () => {
    const gateway = await startGateway();
    const secret = join(gateway.data, "secret");
    expect(readFileSync(secret, "utf8")).toMatch(/^k1:[A-Za-z0-9+/]{43}=\n$/);
    expect(statSync(secret).mode & 0o777).toBe(0o600);
    expect(statSync(gateway.data).mode & 0o777).toBe(0o700);
    const config = readFileSync(join(gateway.data, "config.capnp"), "utf8");
    expect(config).not.toContain(readFileSync(secret, "utf8").trim().slice(3));
    expect(config).not.toContain(gateway.key);
    await gateway.stop();
  });

  it("takes an admin key from the environment, and then makes none itself", async () => {
    const key = "an-admin-key-of-my-own-0123456789abcdef";
    const gateway = await startGateway({ env: { PATCHBAY_ADMIN_KEY: key } });
    expect(gateway.key).toBe(key);
    expect((await gateway.call("/keys")).body).toMatchObject({ keys: [] });
    await gateway.stop();
  });

  it("leaves a deleted example deleted", async () => {
    const first = await startGateway({ examples: true });
    for (const id of ["everything", "chart"]) {
      expect((await first.call(`/servers/${id}`, { method: "DELETE" })).status).toBeLessThan(300);
    }
    await first.stop();
    const second = await startGateway({ data: first.data, examples: true });
    expect(second.servers).toBe(3);
    expect((await second.call("/servers/memory")).body).toMatchObject({ state: "ready" });
    await second.stop();
  });
});

describe("for scripts", () => {
  it("prints exactly one line of JSON on stdout, and the steps on stderr", async () => {
    const run = runLauncher(["--json", "--port", "0", "--data", temporaryFolder(), "--no-examples", "--shards", "2"]);
    await until(() => run.stdout.length > 0 || run.child.exitCode !== null);
    const ready = JSON.parse(run.stdout[0] ?? "null") as Record<string, unknown>;
    expect(ready).toEqual({
      ready: true,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      key: expect.stringMatching(/^patchbay_/) as string,
      shards: 2,
      servers: 0,
    });
    expect((await callHttp(`${String(ready["url"])}/health`)).status).toBe(200);
    run.child.kill("SIGTERM");
    expect(await run.ended).toBe(0);
    expect(run.stdout).toHaveLength(1);
    expect(run.stderr.join("\n")).toContain("workerd");
  });

  it("prints curl lines that a real server remembers by and recalls, for people", async () => {
    const run = runLauncher(["--port", "0", "--data", temporaryFolder()]);
    await until(() => run.stdout.some((line) => line.includes("Ctrl-C")) || run.child.exitCode !== null);
    const lines = run.stdout.filter((line) => line.includes("curl"));
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const [, url = "", key = "", body = ""] =
        /curl -s (\S+) -H 'Authorization: Bearer (\S+)' .* -d '(.*)'$/.exec(line) ?? [];
      const answer = await callHttp(url, { method: "POST", headers: { Authorization: `Bearer ${key}` }, body });
      expect(answer.status, line).toBe(200);
      expect(answer.body, line).toMatchObject({ server: "memory", result: { content: [{ type: "text" }] } });
      expect(answer.text, line).toContain("made this call");
    }
    run.child.kill("SIGINT");
    expect(await run.ended).toBe(0);
  });
});

describe("what is in the way is said in one line", () => {
  const cases: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ["an unknown option", ["--prot", "1"], 2, /unknown option '--prot'/],
    ["a port that is none", ["--port", "70000"], 2, /--port takes a whole number from 0 to 65535, not '70000'/],
    ["too many shards", ["--shards", "0"], 2, /--shards takes a whole number from 1 to 64/],
    ["half a certificate", ["--cert", "x.pem"], 2, /--cert and --key go together/],
    ["a stray word", ["9000"], 2, /unexpected argument '9000'/],
    ["a missing configuration", ["--config", "/no/such/mcp.json"], 1, /cannot read --config .*it does not exist/],
    [
      "a missing certificate",
      ["--cert", "/no/a.pem", "--key", "/no/b.pem"],
      1,
      /cannot read --cert .*it does not exist/,
    ],
    ["an address of another machine", ["--host", "192.0.2.1"], 1, /192\.0\.2\.1 is not an address of this machine/],
    [
      "a folder below a file",
      ["--data", join(import.meta.filename, "data")],
      1,
      /cannot use the data folder .*is a file/,
    ],
  ];

  it.each(cases)("%s", async (_, args, code, words) => {
    const run = runLauncher(["--data", temporaryFolder(), ...args]);
    expect(await run.ended).toBe(code);
    expect(run.stderr).toHaveLength(1);
    expect(run.stderr[0]).toMatch(words);
  });

  it("a configuration that is not JSON", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "mcp.json"), "{ servers: }");
    const run = runLauncher(["--data", folder, "--config", join(folder, "mcp.json")]);
    expect(await run.ended).toBe(1);
    expect(run.stderr).toEqual([expect.stringContaining("is not valid JSON")]);
  });

  it("a port that someone else has", async () => {
    const other = createServer();
    const port = await listen(other);
    const run = runLauncher(["--data", temporaryFolder(), "--port", String(port)]);
    expect(await run.ended).toBe(1);
    expect(run.stderr).toEqual([expect.stringContaining(`port ${port} on 127.0.0.1 is taken`)]);
    await close(other);
  });

  it("a data folder that another gateway uses", async () => {
    const gateway = await startGateway();
    const run = runLauncher(["--data", gateway.data, "--port", "0"]);
    expect(await run.ended).toBe(1);
    expect(run.stderr).toEqual([expect.stringContaining(`is in use by process ${gateway.pid}`)]);
    expect((await gateway.call("/health")).status, "the first is unharmed").toBe(200);
    await gateway.stop();
  });
});
