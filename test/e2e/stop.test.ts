/** However a start ends, nothing that it started is left. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cleanUp, runLauncher, startGateway, temporaryFolder, until } from "../support/gateway.ts";
import { commandLine, descendants, isAlive } from "../support/processes.ts";

afterAll(cleanUp);

describe("stopping", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("leaves no process after %s", async (signal) => {
    const gateway = await startGateway({ examples: true });
    const family = descendants(gateway.pid);
    expect(family.length, "workerd, everything, the connector and its four servers").toBeGreaterThanOrEqual(7);
    process.kill(gateway.pid, signal);
    await until(() => !isAlive(gateway.pid));
    await until(() => !family.some(isAlive));
    expect(existsSync(join(gateway.data, "running.json"))).toBe(false);
  });

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "leaves no process after %s for npm, which passes none on",
    async (signal) => {
      const npm = spawn("npm", ["start", "--silent", "--", "--json", "--port", "0", "--data", temporaryFolder()], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(npm.stdout, "data");
      const family = descendants(npm.pid ?? 0);
      expect(family.length, "a shell, the launcher, workerd, the connector, the examples").toBeGreaterThanOrEqual(9);
      npm.kill(signal);
      await until(() => !family.some(isAlive));
    },
  );

  it("ends, and says so, when workerd ends by itself", async () => {
    const run = runLauncher(["--json", "--port", "0", "--data", temporaryFolder()]);
    await until(() => run.stdout.length > 0 || run.child.exitCode !== null);
    const family = descendants(run.child.pid ?? 0);
    const workerd = family.find((pid) => commandLine(pid).includes("config.capnp")) ?? 0;
    process.kill(workerd, "SIGKILL");
    expect(await run.ended).toBe(1);
    expect(run.stderr.at(-1)).toContain("workerd ended by itself (SIGKILL)");
    await until(() => !family.some(isAlive));
  });

  it("starts the connector again when it ends by itself, and its servers with it", async () => {
    const gateway = await startGateway({ examples: true });
    const connector = descendants(gateway.pid).find((pid) => commandLine(pid).includes("patchbay.mjs")) ?? 0;
    const servers = descendants(connector);
    expect(servers.length).toBeGreaterThanOrEqual(4);
    process.kill(connector, "SIGKILL");
    await until(() => !servers.some(isAlive));
    const again = { method: "POST", body: { tool: "memory__read_graph", arguments: {} } };
    await until(async () => (await gateway.call("/call", again)).status === 200);
    await gateway.stop();
  });

  it("takes over from a launcher that was killed, whose servers ended with it", async () => {
    const first = await startGateway({ examples: true });
    const family = descendants(first.pid);
    process.kill(first.pid, "SIGKILL");
    await until(() => !isAlive(first.pid));
    await until(() => !family.some((pid) => pid !== first.workerdPid && isAlive(pid)));
    const second = await startGateway({ data: first.data });
    expect(isAlive(first.workerdPid), "the orphan is gone").toBe(false);
    expect((await second.call("/health")).status).toBe(200);
    await second.stop();
  });
});
