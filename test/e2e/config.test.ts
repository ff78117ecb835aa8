/** `--config`: the files that people already have, with a line for every entry. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { freePort } from "../../scripts/start/ports.ts";
import { startFaultyServer } from "../support/faulty-server.ts";
import { startFleet } from "../support/fleet-simulator.ts";
import { configFile, isAlive, toyEntry } from "../support/connector.ts";
import { cleanUp, runLauncher, startGateway, temporaryFolder, until } from "../support/gateway.ts";

afterAll(cleanUp);

/** What a start with this file says of an entry, by its name. */
async function startWith(
  data: string,
  file: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<(name: string) => string> {
  const run = runLauncher(["--json", "--port", "0", "--data", data, "--config", file, ...args], env);
  await until(() => run.stdout.length > 0 || run.child.exitCode !== null);
  run.child.kill("SIGINT");
  await run.ended;
  const lines = run.stderr.map((line) => line.trim());
  return (name) => {
    const found = lines.filter((line) => line.startsWith(`${name} `));
    return found.map((line) => line.slice(name.length).trim()).join(" | ");
  };
}

it("brings every server of a file, and says what became of every entry", async () => {
  const fleet = await startFleet({ servers: 1, tools: 4 });
  const guarded = await startFaultyServer();
  const data = temporaryFolder();
  const file = join(data, "mcp.json");
  const near = JSON.stringify({ type: "http", url: fleet.url(0) });
  const mcpServers = {
    guarded: { url: guarded.url, headers: { Authorization: "Bearer ${TEST_UPSTREAM_TOKEN}" } },
    secretive: { url: fleet.url(0), headers: { Authorization: "Bearer ${NOT_SET_ANYWHERE}" } },
    greedy: { url: fleet.url(0), headers: { "X-Leak": "${PATCHBAY_ADMIN_KEY}" } },
    local: toyEntry({ more: { title: "Toy", timeoutMs: 20_000 } }),
    forgetful: toyEntry({ more: { env: { KEY: "${NOT_SET_EITHER}" } } }),
    asleep: toyEntry({ more: { disabled: true } }),
    broken: { command: "no-such-command-anywhere" },
    huge: { command: "npx", timeoutMs: 1 },
    gone: { url: `http://127.0.0.1:${await freePort()}/mcp` },
  };
  // As an editor writes it, and with a name that stands twice.
  const rest = JSON.stringify(mcpServers).slice(1);
  writeFileSync(file, `/* mine */ {"globalShortcut":"F1","mcpServers":{"near":${near},"near":{}, // again\n${rest},}`);
  const env = { TEST_UPSTREAM_TOKEN: 'a "quoted" ${token}', PATCHBAY_ADMIN_KEY: "an-admin-key-0123456789-0123456789" };

  const first = await startWith(data, file, env);
  expect(first("near").split(" | ").toSorted()).toEqual([
    "ready, 4 tools",
    "refused. The file has two servers of this name; the first was taken",
  ]);
  expect(first("config")).toBe("not read: globalShortcut");
  expect(first("guarded")).toBe("ready, 3 tools");
  expect(first("secretive")).toMatch(/^left out.*NOT_SET_ANYWHERE/);
  expect(first("greedy")).toMatch(/^left out.*PATCHBAY_ADMIN_KEY/);
  expect(first("local")).toMatch(/^ready, \d+ tools$/);
  expect(first("forgetful")).toMatch(/^left out.*NOT_SET_EITHER/);
  expect(first("asleep")).toMatch(/^disabled/);
  expect(first("broken")).toMatch(/^down: .*no-such-command-anywhere/);
  expect(first("huge")).toMatch(/^refused.*timeoutMs/);
  expect(first("gone")).toMatch(/^down: /);
  expect(guarded.arrivals.at(-1)?.headers.authorization).toBe('Bearer a "quoted" ${token}');

  const second = await startWith(data, file, env);
  expect(second("guarded")).toBe("already there");
  expect(second("local")).toMatch(/^ready, \d+ tools$/);
  const gateway = await startGateway({ data });
  const { body } = await gateway.call("/servers");
  const kinds = (body as { servers: { id: string; kind: string | null }[] }).servers.map(({ id, kind }) => [id, kind]);
  expect(kinds).toEqual([
    ["asleep", "connector"],
    ["broken", "connector"],
    ["gone", null],
    ["guarded", "http"],
    ["local", "connector"],
    ["near", "http"],
  ]);
  expect((await gateway.call("/servers/local")).body).toMatchObject({ title: "Toy", timeoutMs: 20_000 });
  await gateway.stop();
  await guarded.stop();
  await fleet.stop();
});

it("runs a command's server behind an HTTPS gateway, and leaves no process behind", async () => {
  const data = temporaryFolder();
  const file = configFile({ local: toyEntry() });
  const gateway = await startGateway({ data, args: ["--https", "--config", file] });
  const { status, body } = await gateway.call("/call", { method: "POST", body: { tool: "local__pid", arguments: {} } });
  expect(status).toBe(200);
  const text = JSON.stringify(body);
  const pid = Number(
    /\d+/.exec((body as { result: { content: { text: string }[] } }).result.content[0]?.text ?? "")?.[0],
  );
  expect(isAlive(pid), text).toBe(true);
  expect(await gateway.stop()).toBe(0);
  await until(() => !isAlive(pid));
  expect(isAlive(pid)).toBe(false);
});

it("takes another gateway's export, with the credentials that the environment holds", async () => {
  const guarded = await startFaultyServer();
  const first = await startGateway();
  const headers = { Authorization: "Bearer ${x} 1" };
  const made = await first.call("/servers", { method: "POST", body: { id: "guarded", url: guarded.url, headers } });
  expect(made.status).toBe(201);
  await first.call("/servers", { method: "POST", body: { id: "behind", kind: "connector" } });
  const { body } = await first.call("/servers:export");
  expect(JSON.stringify(body)).not.toContain("Bearer");
  await first.stop();
  const file = configFile({});
  writeFileSync(file, JSON.stringify(body));
  expect((await startWith(temporaryFolder(), file))("guarded")).toMatch(/^left out.*GUARDED_AUTHORIZATION/);
  const second = await startWith(temporaryFolder(), file, { GUARDED_AUTHORIZATION: headers.Authorization });
  expect(second("guarded")).toBe("ready, 3 tools");
  expect(guarded.arrivals.at(-1)?.headers.authorization).toBe(headers.Authorization);
  expect(second("behind")).toMatch(/connector/);
  await guarded.stop();
});

it("does not run the command of a server that is there and reached otherwise", async () => {
  const fleet = await startFleet({ servers: 1, tools: 4 });
  const data = temporaryFolder();
  const over = await startWith(data, configFile({ one: { url: fleet.url(0) } }));
  expect(over("one")).toBe("ready, 4 tools");
  const again = await startWith(data, configFile({ one: toyEntry() }));
  expect(again("one")).toBe("already there as a server of kind http, so its command is not run");
  await fleet.stop();
});

it.each([
  ["{", /mcp\.json: is not valid JSON at line 1/],
  ["{}", /mcp\.json: holds no servers/],
  [`{"mcpServers":4}`, /mcp\.json, \/mcpServers: /],
])("ends with one line when the file is %s", async (text, line) => {
  const file = configFile({});
  writeFileSync(file, text);
  const run = runLauncher(["--json", "--port", "0", "--data", temporaryFolder(), "--config", file]);
  expect(await run.ended).not.toBe(0);
  expect(run.stderr).toHaveLength(1);
  expect(run.stderr[0]).toMatch(line);
});
