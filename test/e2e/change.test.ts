/** Operators change their minds while a server is still being met. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startFaultyServer, type FaultyServer } from "../support/faulty-server.ts";
import { startFleet, type FleetSimulator } from "../support/fleet-simulator.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";

let hung: FaultyServer;
let fleet: FleetSimulator;
let gateway: TestGateway;

beforeAll(async () => {
  hung = await startFaultyServer();
  hung.misbehave("hang", ["server/discover", "initialize"]);
  fleet = await startFleet({ servers: 1, tools: 1 });
  gateway = await startGateway({ shards: 1 });
});

afterAll(async () => {
  await gateway.stop();
  await hung.stop();
  await fleet.stop();
  await cleanUp();
});

it("an address that was corrected while the wrong one hangs is used at once", async () => {
  await gateway.call("/servers", { method: "POST", body: { id: "moved", url: hung.url } });
  await gateway.call("/servers/moved", { method: "PATCH", body: { url: fleet.url(0) } });
  const checked = await gateway.call("/servers/moved:check", { method: "POST" });
  expect(checked.body).toMatchObject({ id: "moved", state: "ready" });
  const answer = await gateway.call("/call", { method: "POST", body: { tool: "moved__echo", arguments: {} } });
  expect(answer.status, answer.text).toBe(200);
});
