import { abortAllDurableObjects, reset, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  aboutOf,
  deliveries,
  down,
  openAlerts,
  pass,
  receive,
  registered,
  target,
  up,
  verified,
  withTargets,
} from "./alert-kit.ts";
import { actor, fleetStub, key, server } from "./world.ts";

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
});

describe("a server that goes down and comes back", () => {
  it("is one alert with its reason, and one recovery, told once each and signed", async () => {
    const receiver = receive();
    await registered("memory");
    await withTargets(await target("ops"));
    const at = Date.now();
    for (let i = 0; i < 3; i += 1) await fleetStub().signal([down("memory", { at })]);
    await pass(30_000);
    expect(receiver.arrivals.map(aboutOf)).toEqual(["alert.opened memory"]);
    for (let i = 0; i < 3; i += 1) await fleetStub().signal([up("memory")]);
    await pass(30_000);

    expect(receiver.arrivals.map(aboutOf)).toEqual(["alert.opened memory", "alert.recovered memory"]);
    const [opened, recovered] = receiver.arrivals.map((arrival) => verified(arrival)) as Told[];
    expect(opened?.data.alerts).toEqual([
      {
        id: expect.any(String),
        rule: "server_down",
        severity: "critical",
        subject: "memory",
        reason: "It does not answer.",
        since: new Date(at).toISOString(),
        openedAt: expect.any(String),
      },
    ]);
    expect(recovered?.data.alerts[0]).toMatchObject({
      id: opened?.data.alerts[0]?.["id"],
      recoveredAt: expect.any(String),
    });
    expect(new Set(receiver.arrivals.map(({ headers }) => headers.get("webhook-id"))).size).toBe(2);
    expect(await deliveries()).toEqual(["ops opened delivered 1", "ops recovered delivered 1"]);
    const whole = await fleetStub().alerts(undefined, 0, 100);
    expect(whole.map(({ subject, recoveredAt }) => [subject, recoveredAt !== undefined])).toEqual([["memory", true]]);
  });

  it("is no alert when it was back at once", async () => {
    const receiver = receive();
    await registered("memory");
    await withTargets(await target("ops"));
    await fleetStub().signal([down("memory")]);
    await pass(5_000);
    await fleetStub().signal([up("memory")]);
    await pass(60_000);
    expect(receiver.arrivals).toEqual([]);
    expect(await fleetStub().alerts(undefined, 0, 100)).toEqual([]);
  });

  it("is told together with the others that went down with it", async () => {
    const receiver = receive();
    const ids = Array.from({ length: 12 }, (_, n) => `s${String(n).padStart(2, "0")}`);
    await registered(...ids);
    await withTargets(await target("ops"));
    for (const id of ids) await fleetStub().signal([down(id)]);
    await pass(30_000);
    expect(receiver.arrivals.map(aboutOf)).toEqual([`alert.opened ${ids.join(" ")}`]);
  });

  it("is about its certificate when that is what is wrong, and not two alerts", async () => {
    await registered("memory");
    await fleetStub().signal([down("memory", { certificate: true })]);
    await pass(30_000);
    expect(await openAlerts()).toEqual(["certificate memory"]);
    await fleetStub().signal([up("memory")]);
    await pass(30_000);
    expect(await openAlerts()).toEqual([]);
  });

  it("is over when an operator deletes or disables it, and no late news brings it back", async () => {
    await registered("memory", "clock");
    await fleetStub().signal([down("memory"), down("clock")]);
    await pass(30_000);
    expect(await openAlerts()).toEqual(["server_down clock", "server_down memory"]);
    await fleetStub().deleteServer("memory", actor);
    await fleetStub().replaceServer(server("clock", { disabled: true, updatedAt: 2 }), actor);
    expect(await openAlerts()).toEqual([]);
    await fleetStub().signal([down("memory")]);
    await pass(30_000);
    expect(await openAlerts()).toEqual([]);
  });
});

interface Told {
  readonly data: { readonly alerts: readonly Record<string, unknown>[] };
}

describe("a breaker that opens", () => {
  const open1 = {
    rule: "breaker_open",
    subject: "memory/1",
    is: "wrong",
    at: 1,
    reason: "Too many calls failed.",
  } as const;

  it("is an alert of its own while its server is there", async () => {
    await registered("memory");
    await fleetStub().signal([open1]);
    await pass(30_000);
    expect(await openAlerts()).toEqual(["breaker_open memory/1"]);
    await fleetStub().deleteServer("memory", actor);
    expect(await openAlerts()).toEqual([]);
  });

  it("is none while its server is down, and becomes one when it stays open after that", async () => {
    await registered("memory");
    await fleetStub().signal([down("memory"), open1]);
    await pass(60_000);
    expect(await openAlerts()).toEqual(["server_down memory"]);
    await fleetStub().signal([up("memory")]);
    await pass(60_000);
    expect(await openAlerts()).toEqual(["breaker_open memory/1"]);
  });
});

describe("tools that changed", () => {
  it("are told once for each change, however often it is heard", async () => {
    const receiver = receive();
    await registered("memory");
    await withTargets(await target("ops"));
    const change = (token: string) =>
      fleetStub().signal([
        { rule: "tool_changed", subject: "memory", is: "once", at: 1, reason: "Changed: read.", token },
      ]);
    await change("1");
    await change("1");
    await pass(10_000);
    await change("2");
    await pass(10_000);
    expect(receiver.arrivals.map(aboutOf)).toEqual(["alert.opened memory", "alert.opened memory"]);
    expect(await openAlerts()).toEqual([]);
  });
});

describe("keys that expire", () => {
  const hour = 3_600_000;

  it("are told of before they do, and are over when they are given more time", async () => {
    const receiver = receive();
    await withTargets(await target("ops"));
    const expiresAt = Date.now() + 73 * hour;
    await fleetStub().createKey(key("a", { expiresAt }), actor);
    await fleetStub().createKey(key("b"), actor);
    await pass(10_000);
    expect(await openAlerts()).toEqual([]);
    await pass(2 * hour, 600_000);
    expect(await openAlerts()).toEqual(["key_expiring a"]);
    expect(receiver.arrivals.map(aboutOf)).toEqual(["alert.opened a"]);
    await fleetStub().replaceKey(key("a", { expiresAt: expiresAt + 999 * hour }), "key.update", actor);
    await pass(10_000);
    expect(receiver.arrivals.map(aboutOf)).toEqual(["alert.opened a", "alert.recovered a"]);
  });

  it("are over when they are revoked", async () => {
    const expiresAt = Date.now() + hour;
    await fleetStub().createKey(key("a", { expiresAt }), actor);
    expect(await openAlerts()).toEqual(["key_expiring a"]);
    await fleetStub().replaceKey(key("a", { expiresAt, revokedAt: 5 }), "key.revoke", actor);
    expect(await openAlerts()).toEqual([]);
  });
});

describe("a crash", () => {
  it("between the news and the telling loses nothing", async () => {
    const receiver = receive();
    await registered("memory");
    await withTargets(await target("ops"));
    await fleetStub().signal([down("memory")]);
    await abortAllDurableObjects();
    await pass(11_000);
    expect(await deliveries()).toEqual(["ops opened waiting 0"]);
    await abortAllDurableObjects();
    expect(await runInDurableObject(fleetStub(), (_, state) => state.storage.getAlarm())).not.toBeNull();
    await pass(10_000);
    expect(receiver.arrivals.map(aboutOf)).toEqual(["alert.opened memory"]);
  });
});
