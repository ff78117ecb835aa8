import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { heard, hook, listen, make, unmake } from "./alert-kit.ts";
import { ask, expectProblem } from "./door.ts";

beforeEach(() => listen());
afterEach(unmake);

describe("a test", () => {
  it("reaches every kind of target in its own words, and tells what each said", async () => {
    const { secret } = await make("a-hook", { url: hook });
    await make("b-chat", { kind: "slack", url: "https://chat.example/services/T0/B0/x" });
    await make("c-pager", { kind: "pagerduty", routingKey: "R".repeat(32) });
    await make("d-off", { url: hook, disabled: true });
    const { body } = await ask("/alerts:test", { method: "POST" });
    const said = { ok: true, answer: "HTTP 204" };
    expect(body).toEqual({
      results: [
        { target: "a-hook", ...said },
        { target: "b-chat", ...said },
        { target: "c-pager", ...said },
      ],
    });
    const toHook = heard.find(({ url }) => url === hook);
    const opened = new Webhook(String(secret)).verify(toHook?.text ?? "", toHook?.headers ?? {});
    expect(opened).toMatchObject({ type: "alert.test", data: { alerts: [] } });
    const toChat = heard.find(({ url }) => url.startsWith("https://chat.example"));
    expect(JSON.parse(toChat?.text ?? "")).toEqual({ text: expect.stringContaining("test") });
    const events = heard.filter(({ url }) => url === "https://events.pagerduty.com/v2/enqueue");
    expect(events.map(({ text }) => JSON.parse(text))).toMatchObject([
      { routing_key: "R".repeat(32), event_action: "trigger", payload: { severity: "info", source: "patchbay" } },
      { routing_key: "R".repeat(32), event_action: "resolve" },
    ]);
  });

  it("says who did not take it", async () => {
    listen(() => new Response("no_service", { status: 404 }));
    await make("ops", { url: hook });
    await make("gone", { url: "https://nobody.example/" });
    const { body } = await ask("/alerts:test", { method: "POST" });
    expect(body).toEqual({
      results: [
        { target: "gone", ok: false, answer: "The connection failed or broke off." },
        { target: "ops", ok: false, answer: "HTTP 404: no_service" },
      ],
    });
  });
});

describe("rotation", () => {
  it("signs with both secrets for a while, and with the new one alone at once when told so", async () => {
    const { secret: first } = await make("ops", { url: hook });
    const { body } = await ask("/alerts/targets/ops:rotate", { method: "POST" });
    const second = body["secret"];
    await ask("/alerts:test", { method: "POST" });
    for (const secret of [first, second]) {
      const { text = "", headers = {} } = heard.at(-1) ?? {};
      expect(() => new Webhook(String(secret)).verify(text, headers)).not.toThrow();
    }
    const third = (await ask("/alerts/targets/ops:rotate", { json: { overlapSeconds: 0 } })).body["secret"];
    await ask("/alerts:test", { method: "POST" });
    const { text = "", headers = {} } = heard.at(-1) ?? {};
    expect(() => new Webhook(String(third)).verify(text, headers)).not.toThrow();
    expect(() => new Webhook(String(second)).verify(text, headers)).toThrow("No matching signature");
  });

  it("is for webhooks only", async () => {
    await make("chat", { kind: "slack", url: "https://chat.example/x" });
    expectProblem(await ask("/alerts/targets/chat:rotate", { method: "POST" }), 409, "conflict");
  });
});
