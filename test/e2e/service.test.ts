/** Kind `service`: an MCP server that is a Worker, behind a binding of the gateway. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanUp } from "../support/gateway.ts";
import { connect } from "../support/mcp-clients.ts";
import { startTwoWorkers, type TwoWorkers } from "../support/two-workers.ts";

let workers: TwoWorkers;
const asked = { from: "2026-01-01", to: "2026-12-31" };

beforeAll(async () => {
  workers = await startTwoWorkers();
});
afterAll(async () => {
  await workers.close();
  await cleanUp();
});

function register(server: Readonly<Record<string, unknown>>) {
  return workers.call("/servers?wait=ready", { method: "POST", body: server });
}

describe("a server that is a bound Worker", () => {
  it("is registered by its binding's name, and met at once", async () => {
    const { status, body } = await register({ id: "desk", url: "service://SERVICE_DESK/mcp" });
    expect(status).toBe(201);
    expect(body).toMatchObject({ kind: "service", state: "ready", era: "modern", serverName: "desk", tools: 2 });
  });

  it("answers calls at POST /call", async () => {
    const { status, body } = await workers.call("/call", {
      method: "POST",
      body: { tool: "desk__days_between", arguments: asked },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ result: { structuredContent: { days: 364 } } });
  });

  it.each(["legacy", "modern"] as const)("answers a %s client at /mcp", async (era) => {
    const client = await connect(era, `${workers.url}/mcp`, workers.key);
    expect(await client.tools()).toEqual(["desk__days_between", "desk__sha256"]);
    expect(await client.call("desk__days_between", asked)).toMatchObject({ structuredContent: { days: 364 } });
    await client.close();
  });

  it("is checked by its shard like any other", async () => {
    const { body } = await workers.call("/servers/desk:check", { method: "POST" });
    expect(body).toMatchObject({ state: "ready", kind: "service" });
  });

  it("says so when nothing is served at the path", async () => {
    const { body } = await register({ id: "lost", url: "service://SERVICE_DESK/elsewhere" });
    expect(body).toMatchObject({ state: "down", reason: expect.stringContaining("404") });
  });
});

describe("an address of kind service that leads nowhere", () => {
  it.each(["SERVICE_NONE", "service_desk", "HIDDEN", "SHARD", "FLEET", "PATCHBAY_SECRET", "SERVICE_PLAN"])(
    "is refused, and told which bindings there are: %s",
    async (name) => {
      const { status, body } = await register({ id: "x", url: `service://${name}/mcp` });
      expect(status).toBe(422);
      expect(body).toMatchObject({
        code: "invalid_fields",
        errors: [{ path: "/url", message: expect.stringContaining("there is SERVICE_DESK.") }],
      });
    },
  );

  it.each(["service://me@SERVICE_DESK/mcp", "service://SERVICE_DESK:80/mcp", "service://SERVICE_DESK/mcp#a"])(
    "takes no more than binding, path and query: %s",
    async (url) => {
      const { status, body } = await register({ id: "x", url });
      expect(status).toBe(422);
      expect(body).toMatchObject({ code: "invalid_fields" });
    },
  );

  it.each([
    { url: "service://SERVICE_DESK/mcp", kind: "http" },
    { url: "http://127.0.0.1:8123/mcp", kind: "service" },
  ])("does not fit another kind: $kind at $url", async (said) => {
    const { status, body } = await register({ id: "x", ...said });
    expect(status).toBe(422);
    expect(body).toMatchObject({ errors: [{ path: "/kind" }] });
  });
});

describe("a binding that a deploy takes away", () => {
  it("fails calls as not executed, and the server's state names it", async () => {
    await workers.restart(false);
    const { body } = await workers.call("/call", {
      method: "POST",
      body: { tool: "desk__days_between", arguments: asked },
    });
    expect(body).toMatchObject({ execution: "not_executed" });
    const checked = await workers.call("/servers/desk:check", { method: "POST" });
    expect(checked.body).toMatchObject({ state: "down", reason: expect.stringContaining("there is none") });
  });

  it("serves again when it is back", async () => {
    await workers.restart(true);
    await workers.call("/servers/desk:check", { method: "POST" });
    const { body } = await workers.call("/call", {
      method: "POST",
      body: { tool: "desk__days_between", arguments: asked },
    });
    expect(body).toMatchObject({ result: { structuredContent: { days: 364 } } });
  });
});
