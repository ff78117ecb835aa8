import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mostAttempts } from "../../../durable-objects/fleet/courier.ts";
import {
  aboutOf,
  deliveries,
  down,
  pass,
  receive,
  registered,
  secret,
  target,
  up,
  verified,
  withTargets,
  type Receiver,
} from "./alert-kit.ts";
import { actor, fleetStub } from "./world.ts";

let receiver: Receiver;

beforeEach(async () => {
  vi.spyOn(console, "warn").mockReturnValue();
  receiver = receive();
  await registered("memory", "clock");
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
});

const later = (): Response => new Response("later", { status: 503 });

describe("a target that is not there for a while", () => {
  it("hears of everything when it is back, in order, under one id each", async () => {
    await withTargets(await target("ops"));
    receiver.answer = () => "break";
    await fleetStub().signal([down("memory")]);
    await pass(60_000);
    await fleetStub().signal([up("memory")]);
    await pass(60_000);
    const tries = receiver.arrivals.length;
    expect(tries).toBeGreaterThan(2);
    expect(new Set(receiver.arrivals.map(({ headers }) => headers.get("webhook-id"))).size).toBe(1);
    expect(new Set(receiver.arrivals.map(({ text }) => text)).size).toBe(1);

    receiver.answer = () => new Response(null, { status: 204 });
    await pass(300_000);
    expect(receiver.arrivals.slice(tries).map(aboutOf)).toEqual(["alert.opened memory", "alert.recovered memory"]);
    for (const arrival of receiver.arrivals.slice(tries)) expect(() => verified(arrival)).not.toThrow();
    expect(await deliveries()).toEqual([`ops opened delivered ${tries + 1}`, "ops recovered delivered 1"]);
  });

  it("is tried less and less often, and given up at last, which is shown", async () => {
    await withTargets(await target("ops"));
    receiver.answer = later;
    await fleetStub().signal([down("memory")]);
    await pass(30_000);
    await pass(6 * 3_600_000, 60_000);
    expect(receiver.arrivals.length).toBe(mostAttempts);
    expect(await deliveries()).toEqual([`ops opened dead ${mostAttempts}`]);
    expect((await fleetStub().deliveries(0, 1))[0]?.answer).toBe("HTTP 503: later");
  });

  it("is left alone for as long as it asks for", async () => {
    await withTargets(await target("ops"));
    receiver.answer = () => new Response(null, { status: 429, headers: { "retry-after": "600" } });
    await fleetStub().signal([down("memory")]);
    await pass(500_000, 5_000);
    expect(receiver.arrivals.length).toBe(1);
    await pass(200_000, 5_000);
    expect(receiver.arrivals.length).toBe(2);
  });

  it("keeps nobody else waiting", async () => {
    await withTargets(await target("dead"), await target("ops"));
    receiver.answer = ({ url }) => (url.includes("dead") ? "hang" : new Response(null, { status: 200 }));
    await fleetStub().signal([down("memory")]);
    await pass(20_000);
    expect(await deliveries()).toEqual(["dead opened waiting 1", "ops opened delivered 1"]);
  });
});

describe("a target that refuses one message", () => {
  it("gets the next one all the same", async () => {
    await withTargets(await target("ops"));
    receiver.answer = ({ text }) => new Response(null, { status: text.includes("memory") ? 400 : 200 });
    await fleetStub().signal([down("memory")]);
    await pass(20_000);
    await fleetStub().signal([down("clock")]);
    await pass(20_000);
    expect((await deliveries())[1]).toBe("ops opened delivered 1");
    expect((await deliveries())[0]).toMatch(/^ops opened waiting \d$/);
  });

  it("and says that it is gone for good, is believed", async () => {
    await withTargets(await target("ops"));
    receiver.answer = () => new Response(null, { status: 410 });
    await fleetStub().signal([down("memory")]);
    await pass(60_000);
    expect(await deliveries()).toEqual(["ops opened dead 1"]);
  });
});

describe("who is told", () => {
  it("only of the rules it asked for, and nothing while it is disabled", async () => {
    await withTargets(
      await target("certs", { rules: ["certificate"] }),
      await target("off", { disabled: true }),
      await target("ops", { rules: ["server_down", "error_rate"] }),
    );
    await fleetStub().signal([down("memory")]);
    await pass(20_000);
    expect(await deliveries()).toEqual(["ops opened delivered 1"]);
  });

  it("not a target that was deleted in between, nor one whose address may not be dialled any more", async () => {
    const inside = await target("inside", {}, { url: "https://10.0.0.1/hook" });
    await withTargets(await target("ops"), inside);
    await fleetStub().signal([down("memory")]);
    await pass(11_000);
    await fleetStub().deleteAlertTarget("ops", actor);
    await pass(20_000);
    expect(receiver.arrivals).toEqual([]);
    expect((await fleetStub().deliveries(0, 1))[0]).toMatchObject({
      target: "inside",
      answer: "The address may not be dialled.",
    });
  });
});

describe("the words", () => {
  it("of chat services are text that mentions nobody", async () => {
    await withTargets(await target("chat", { kind: "slack" }));
    await fleetStub().signal([down("memory", { reason: "It said <!channel> & left." })]);
    await pass(20_000);
    await fleetStub().signal([up("memory")]);
    await pass(20_000);
    expect(receiver.arrivals.map(({ body }) => body["text"])).toEqual([
      ":red_circle: Server down: memory. It said &lt;!channel&gt; &amp; left.",
      ":white_check_mark: Over: Server down: memory. It said &lt;!channel&gt; &amp; left.",
    ]);
  });

  it("of pagers are one event for each alert, opened and resolved under one key", async () => {
    await withTargets(await target("pager", { kind: "pagerduty" }, { routingKey: "R".repeat(32), signing: [] }));
    await fleetStub().signal([down("memory"), down("clock")]);
    await pass(20_000);
    await fleetStub().signal([up("memory")]);
    await pass(20_000);
    const events = receiver.arrivals.map(({ body }) => body as unknown as Event);
    expect(events.map(({ event_action, payload }) => [event_action, payload?.component])).toEqual([
      ["trigger", "clock"],
      ["trigger", "memory"],
      ["resolve", undefined],
    ]);
    expect(events[0]?.payload).toMatchObject({ severity: "critical", source: "patchbay", class: "server_down" });
    expect(events[0]?.payload?.summary).toBe("Server down: clock. It does not answer.");
    expect(events[2]?.dedup_key).toBe(events[1]?.dedup_key);
  });

  it("of webhooks are signed by every secret that has not ended", async () => {
    const old = "whsec_b2xkZXItc2VjcmV0LW9mLTI0Ynl0ZXM=";
    const ended = "whsec_ZW5kZWQtc2VjcmV0LW9mLTI0LWJ5dGU=";
    const signing = [{ secret }, { secret: old, endsAt: Date.now() + 3_600_000 }, { secret: ended, endsAt: 1 }];
    await withTargets(await target("ops", {}, { signing }));
    await fleetStub().signal([down("memory")]);
    await pass(20_000);
    const [arrival] = receiver.arrivals;
    if (arrival === undefined) throw new Error("nothing arrived");
    expect(() => verified(arrival)).not.toThrow();
    expect(() => verified(arrival, old)).not.toThrow();
    expect(() => verified(arrival, ended)).toThrow("No matching signature");
  });
});

interface Event {
  readonly event_action: string;
  readonly dedup_key: string;
  readonly payload?: { readonly component: string; readonly summary: string };
}
