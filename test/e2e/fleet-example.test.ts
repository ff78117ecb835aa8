/** `npm run example:fleet-170`, with four servers for each of its three connectors, so that it is quick. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, expect, it } from "vitest";
import { callHttp } from "../support/call-http.ts";
import { cleanUp, temporaryFolder, until } from "../support/gateway.ts";
import { descendants, isAlive } from "../support/processes.ts";

afterAll(cleanUp);

const program = join(import.meta.dirname, "..", "..", "examples", "fleet-170", "start.ts");

interface Ready {
  readonly url: string;
  readonly key: string;
  readonly total: number;
  readonly ready: number;
  readonly shards: Readonly<Record<string, number>>;
  readonly capabilities: Readonly<Record<string, number>>;
}

async function startFleet(data: string) {
  const child = spawn(process.execPath, [program, "--json", "--each", "4", "--port", "0", "--data", data], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  await until(() => lines.length > 0 || child.exitCode !== null);
  return { child, lines, ready: JSON.parse(lines[0] ?? "null") as Ready };
}

it("has every server ready, spread over three shards, each of them callable, twice over", async () => {
  const data = temporaryFolder();
  for (const start of ["first", "second"]) {
    const { child, lines, ready } = await startFleet(data);
    expect(ready, start).toMatchObject({ total: 12, ready: 12, shards: { "1": 4, "2": 4, "3": 4 } });
    expect(Object.values(ready.capabilities)).toEqual(Array.from({ length: 12 }, () => 1));
    const headers = { Authorization: `Bearer ${ready.key}` };
    const { body } = await callHttp(`${ready.url}/tools?q=about&limit=100`, { headers });
    const abouts = (body as { tools: readonly { name: string }[] }).tools.filter(({ name }) =>
      name.endsWith("__about"),
    );
    expect(abouts).toHaveLength(12);
    for (const { name } of abouts) {
      const answer = await callHttp(`${ready.url}/call`, { method: "POST", headers, body: { tool: name } });
      expect(answer.status, answer.text).toBe(200);
      expect(answer.text).toContain("one of the simulated servers");
    }
    const family = descendants(child.pid ?? 0);
    expect(family.length, "the gateway's two, three connectors, twelve servers").toBeGreaterThanOrEqual(17);
    child.kill("SIGINT");
    await once(child, "close");
    expect(child.exitCode).toBe(0);
    expect(lines).toHaveLength(1);
    await until(() => !family.some(isAlive));
  }
});

it("leaves no process behind when it is killed", async () => {
  const { child } = await startFleet(temporaryFolder());
  const family = descendants(child.pid ?? 0);
  expect(family.length).toBeGreaterThanOrEqual(17);
  child.kill("SIGKILL");
  await until(() => !family.some(isAlive));
});
