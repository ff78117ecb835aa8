/** `--config`: the files that people already have, with a line for every entry. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { freePort } from "../../scripts/start/ports.ts";
import { startFaultyServer } from "../support/faulty-server.ts";
import { startFleet } from "../support/fleet-simulator.ts";
import { cleanUp, runLauncher, startGateway, temporaryFolder, until } from "../support/gateway.ts";

afterAll(cleanUp);

/** The steps that a start with this file reports, by what they are about. */
async function startWith(data: string, file: string, env: Readonly<Record<string, string>> = {}) {
  const run = runLauncher(["--json", "--port", "0", "--data", data, "--config", file], env);
  await until(() => run.stdout.length > 0 || run.child.exitCode !== null);
  run.child.kill("SIGINT");
  await run.ended;
  return Object.fromEntries(
    run.stderr.map((line) => [
      line.trim().split(/\s+/)[0],
      line
        .trim()
        .split(/\s{2,}/)
        .at(-1),
    ]),
  );
}

it("registers what can be registered, and says what became of every entry", async () => {
  const fleet = await startFleet({ servers: 1, tools: 4 });
  const guarded = await startFaultyServer();
  const data = temporaryFolder();
  const file = join(data, "mcp.json");
  const mcpServers = {
    near: { type: "http", url: fleet.url(0) },
    guarded: { url: guarded.url, headers: { Authorization: "Bearer ${TEST_UPSTREAM_TOKEN}" } },
    secretive: { url: fleet.url(0), headers: { Authorization: "Bearer ${NOT_SET_ANYWHERE}" } },
    greedy: { url: fleet.url(0), headers: { "X-Leak": "${PATCHBAY_ADMIN_KEY}" } },
    local: { command: "npx", args: ["some-server"] },
    gone: { url: `http://127.0.0.1:${await freePort()}/mcp` },
  };
  writeFileSync(file, JSON.stringify({ mcpServers }));
  const env = { TEST_UPSTREAM_TOKEN: 'a "quoted" token', PATCHBAY_ADMIN_KEY: "an-admin-key-0123456789-0123456789" };

  const first = await startWith(data, file, env);
  expect(first["near"]).toBe("ready, 4 tools");
  expect(first["guarded"]).toBe("ready, 3 tools");
  expect(first["secretive"]).toMatch(/^left out.*NOT_SET_ANYWHERE/);
  expect(first["greedy"]).toMatch(/^left out.*PATCHBAY_ADMIN_KEY/);
  expect(first["local"]).toMatch(/^left out.*connector/);
  expect(first["gone"]).toMatch(/^down: /);
  expect(guarded.arrivals.at(-1)?.headers.authorization).toBe('Bearer a "quoted" token');

  const second = await startWith(data, file, env);
  expect(second["near"]).toBe("already there");
  const gateway = await startGateway({ data });
  expect((await gateway.call("/servers/count")).body).toMatchObject({ total: 3 });
  await gateway.stop();
  await guarded.stop();
  await fleet.stop();
});
