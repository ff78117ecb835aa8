import { reset } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { aboutOf, down, openAlerts, pass, receive, registered, target, up, withTargets } from "./alert-kit.ts";
import { actor, fleetStub } from "./world.ts";

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
});

describe("rules", () => {
  it("that are switched off tell nobody, and tell what is still wrong when they are on again", async () => {
    await registered("memory");
    await fleetStub().changeAlertRule("server_down", { enabled: false }, actor);
    await fleetStub().signal([down("memory")]);
    await pass(60_000);
    expect(await openAlerts()).toEqual([]);
    await fleetStub().changeAlertRule("server_down", { enabled: true }, actor);
    expect(await openAlerts()).toEqual(["server_down memory"]);
  });

  it("wait as long as they are told to", async () => {
    await registered("memory");
    await fleetStub().changeAlertRule("server_down", { afterMs: 60_000 }, actor);
    await fleetStub().signal([down("memory")]);
    await pass(58_000);
    expect(await openAlerts()).toEqual([]);
    await pass(4_000);
    expect(await openAlerts()).toEqual(["server_down memory"]);
  });

  it("answer shards with what to measure against", async () => {
    await fleetStub().changeAlertRule("error_rate", { threshold: 50 }, actor);
    expect(await fleetStub().signal([])).toMatchObject({ error_rate: 50, quota_near: 80 });
    const refused = await fleetStub().changeAlertRule("server_down", { threshold: 5 }, actor);
    expect(refused).toMatchObject({ failure: { code: "invalid_fields" } });
  });
});

describe("silences", () => {
  it("keep an alert from being told until they end, and then tell it if it is still wrong", async () => {
    const receiver = receive();
    await registered("memory", "clock", "files");
    await withTargets(await target("ops"));
    const wanted = { id: "deploy", subjects: ["mem*", "clock"], createdAt: Date.now(), endsAt: Date.now() + 120_000 };
    await fleetStub().silence(wanted, actor);
    await fleetStub().signal([down("memory"), down("clock"), down("files")]);
    await pass(30_000);
    await fleetStub().signal([up("clock")]);
    await pass(30_000);
    expect(receiver.arrivals.map(aboutOf)).toEqual(["alert.opened files"]);
    expect(await openAlerts()).toEqual(["server_down files", "server_down memory"]);
    await pass(90_000);
    expect(receiver.arrivals.map(aboutOf)).toEqual(["alert.opened files", "alert.opened memory"]);
  });

  it("let a recovery through whose beginning was told", async () => {
    const receiver = receive();
    await registered("memory");
    await withTargets(await target("ops"));
    await fleetStub().signal([down("memory")]);
    await pass(30_000);
    await fleetStub().silence({ id: "all", createdAt: 1, endsAt: Date.now() + 3_600_000 }, actor);
    await fleetStub().signal([up("memory")]);
    await pass(30_000);
    expect(receiver.arrivals.map(aboutOf)).toEqual(["alert.opened memory", "alert.recovered memory"]);
  });
});
