/** `patchbay doctor` beside a real gateway, with servers that are well and servers that are not. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor, report } from "../support/doctor.ts";
import { startFleet, type FleetSimulator } from "../support/fleet-simulator.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";
import { startListingServer, type ListingServer } from "../support/listing-server.ts";
import { register } from "../support/register.ts";

async function keyWith(gateway: TestGateway, scopes: readonly string[]): Promise<string> {
  const { body } = await gateway.call("/keys", { method: "POST", body: { name: "a key", scopes, limit: null } });
  return (body as { key: string }).key;
}

const well = { type: "object", properties: {} };
const longName = "a_tool_with_a_name_that_somebody_has_thought_about_for_far_too_long_a_time";

let gateway: TestGateway;
let fleet: FleetSimulator;
let odd: ListingServer;

beforeAll(async () => {
  fleet = await startFleet({ servers: 1, tools: 2 });
  odd = await startListingServer([
    { name: "good", inputSchema: { ...well, default: { type: "array" } } },
    { name: "no-schema", inputSchema: { type: "string" } },
    { name: longName, inputSchema: well },
    { name: "either", inputSchema: { ...well, anyOf: [{ required: ["a"] }, { required: ["b"] }] } },
    {
      name: "list",
      inputSchema: { type: "object", properties: { of: { ...well, properties: { in: { type: "array" } } } } },
    },
    { name: "brackets", inputSchema: { type: "object", properties: { "ids[]": { type: "string" } } } },
  ]);
  gateway = await startGateway({ shards: 2 });
  await register(gateway, "healthy", fleet.url(0));
});
afterAll(async () => {
  await odd.stop();
  await fleet.stop();
  await cleanUp();
});

describe("where all is well", () => {
  it("finds nothing that has failed, and says how the server was met", async () => {
    const { code, ok, findings, of } = await report(gateway.url, gateway.key);
    expect([code, ok]).toEqual([0, true]);
    expect(findings.filter(({ level }) => level !== "ok")).toEqual([]);
    expect(of("server healthy")[0]?.says).toMatch(/^ready since \d{4}-.*Z, legacy 2025-11-25 by http, 2 tools$/);
    expect(of("shards")[0]?.says).toBe("2 of 2 answer");
    expect(of("clock")[0]?.level).toBe("ok");
  });

  it("says the same in lines for people", async () => {
    const { code, stdout } = await doctor(["--gateway", gateway.url, "--key", gateway.key]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {4}server healthy: ready since /m);
    expect(stdout).toMatch(/Nothing has failed; 0 to look at\.\n$/);
  });

  it("takes address and key from the environment, too", async () => {
    const { code } = await doctor([], { PATCHBAY_GATEWAY: gateway.url, PATCHBAY_KEY: gateway.key });
    expect(code).toBe(0);
  });

  it("changes nothing: no server, key or setting is other than before", async () => {
    const state = async () => (await gateway.call("/audit?limit=1000")).text;
    const before = await state();
    await report(gateway.url, gateway.key);
    expect(await state()).toBe(before);
  });
});

describe("a key", () => {
  it.each([
    ["cut when it was copied", (key: string) => key.slice(0, -3), /70 characters/],
    ["with a letter that is wrong", (key: string) => key.replace(/.$/, (last) => (last === "a" ? "b" : "a")), /wrong/],
    ["in quotes", (key: string) => `"${key}"`, /quotes/],
    ["that is none", () => "letmein-letmein-letmein-letmein-1", /key_invalid/],
  ])("%s fails, and the doctor says so", async (_, spoil, says) => {
    const { code, of } = await report(gateway.url, spoil(gateway.key));
    expect(code).toBe(1);
    expect(of("key").find(({ level }) => level === "fail")).toMatchObject({ says: expect.stringMatching(says) });
  });

  it("that was revoked is told from one that never was", async () => {
    const key = await keyWith(gateway, ["tools:list"]);
    await gateway.call(`/keys/${key.slice(9, 19)}`, { method: "DELETE" });
    const { of } = await report(gateway.url, key);
    expect(of("key")[0]?.says).toMatch(/key_revoked/);
  });

  it("is told what it lacks, and for what", async () => {
    const { code, of } = await report(gateway.url, await keyWith(gateway, ["tools:list", "tools:call"]));
    expect(code).toBe(0);
    const [holds, lacks] = of("key");
    expect(holds?.says).toBe("is taken; it may tools:list, tools:call");
    expect(lacks).toMatchObject({ level: "warn", mend: expect.stringContaining("PATCH /keys") });
    expect(lacks?.says).toContain("servers:read (the doctor and monitors look at servers)");
    expect(of("server healthy")).toEqual([]);
  });

  it("may be missing: what is open is looked at", async () => {
    const { code, of } = await report(gateway.url, "");
    expect(code).toBe(0);
    expect(of("key")[0]?.level).toBe("warn");
    expect(of("shards")[0]?.level).toBe("ok");
  });
});

describe("servers that are not well", () => {
  beforeAll(async () => {
    await register(gateway, "down", "http://127.0.0.1:9999/mcp");
    await register(gateway, "page", `${gateway.url}/docs`);
    await register(gateway, "odd", odd.url);
    await gateway.call("/servers", { method: "POST", body: { id: "off", url: fleet.url(0), disabled: true } });
  });

  it("make the doctor fail, each with its state, its reason and what to do", async () => {
    const { code, of } = await report(gateway.url, gateway.key);
    expect(code).toBe(1);
    expect(of("server healthy")[0]?.level).toBe("ok");
    expect(of("server down")[0]).toMatchObject({
      level: "fail",
      mend: expect.stringContaining("Start it, or correct"),
    });
    expect(of("server down")[0]?.says).toMatch(/^down since .*, no handshake yet, 0 tools, The connection failed/);
    expect(of("server page")[0]).toMatchObject({ level: "fail", mend: expect.stringContaining("Correct its address") });
    expect(of("server off")[0]).toMatchObject({ level: "note", mend: expect.stringContaining('"disabled":false') });
  });

  it("are told of each fault in their lists", async () => {
    const { of } = await report(gateway.url, gateway.key);
    const fault = of("server odd").find(({ level }) => level === "fail");
    expect(fault?.says).toContain(`"no-schema": its inputSchema is not of type object`);
    expect(fault?.mend).toContain("Correct the schema");
  });

  it.each([
    [/^odd__a_tool_with\w*: have a name that is too long, or/, "a name that is too long for models"],
    [/^odd__either: have anyOf, oneOf or allOf at the top/, "a schema that Claude refuses"],
    [/^odd__list: have a parameter of type array without "items"/, "a schema that VS Code refuses"],
    [/^odd__brackets: have parameters whose names/, "parameters with names that Claude refuses"],
  ])("are warned of what clients refuse: %s", async (says) => {
    const { of } = await report(gateway.url, gateway.key);
    const warning = of("server odd").find((finding) => says.test(finding.says));
    expect(warning).toMatchObject({ level: "warn", mend: expect.any(String) });
    expect(warning?.says).not.toContain("odd__good");
  });
});
