import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AlertRpc } from "../../core/contract/alert-rpc.ts";
import { ask, connectTo, expectProblem, faultsIn, makeKey, pagesOf, type Answer, type Body } from "./door.ts";

interface Heard {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

let heard: Heard[] = [];
const made = new Set<string>();

/** Every address of example.com is somebody who listens. */
function listen(answer: () => Response = () => new Response(null, { status: 204 })): void {
  heard = [];
  const hosts = ["ops.example", "chat.example", "events.pagerduty.com"];
  connectTo(
    ...hosts.map((host) => ({
      host,
      tools: [],
      answer: async (request: Request) => {
        heard.push({ url: request.url, headers: Object.fromEntries(request.headers), text: await request.text() });
        return answer();
      },
    })),
  );
}

beforeEach(() => listen());

afterEach(async () => {
  vi.restoreAllMocks();
  for (const id of made) await ask(`/alerts/targets/${id}`, { method: "DELETE" });
  made.clear();
});

async function make(id: string, fields: object): Promise<Body> {
  const answer = await ask("/alerts/targets", { json: { id, ...fields } });
  expect(answer.status, answer.text).toBe(201);
  made.add(id);
  return answer.body;
}

function change(id: string, json: object): Promise<Answer> {
  return ask(`/alerts/targets/${id}`, { method: "PATCH", json });
}

function fleet(): AlertRpc {
  return env.FLEET.get(env.FLEET.idFromName("fleet"));
}

const hook = "https://ops.example/hook?token=hush-hush";

describe("targets", () => {
  it("are shown without what is secret, but for a webhook's signing secret, once", async () => {
    const created = await make("ops", { url: hook });
    expect(created).toEqual({
      id: "ops",
      kind: "webhook",
      title: null,
      origin: "https://ops.example",
      rules: null,
      allowPrivate: false,
      disabled: false,
      createdAt: expect.any(String),
      updatedAt: created["createdAt"],
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    const { secret, ...shown } = created;
    expect((await ask("/alerts/targets/ops")).body).toEqual(shown);
    expect((await ask("/alerts/targets")).body).toEqual({ targets: [shown] });
    const everything = [await ask("/alerts/targets"), await ask("/audit"), await change("ops", { title: "Ops" })];
    for (const { text } of everything) {
      expect(text).not.toContain("hush-hush");
      expect(text).not.toContain(String(secret));
    }
  });

  it("keep their secrets sealed at rest", async () => {
    const { secret } = await make("ops", { url: hook });
    const [kept] = await fleet().alertTargets();
    expect(JSON.stringify(kept)).not.toContain("hush-hush");
    expect(JSON.stringify(kept)).not.toContain(String(secret).slice(6));
  });

  it.each([
    [{ id: "a__b", url: hook }, ["/id"]],
    [{ id: "x" }, ["/url"]],
    [{ id: "x", kind: "slack" }, ["/url"]],
    [{ id: "x", kind: "pagerduty" }, ["/routingKey"]],
    [{ id: "x", kind: "pagerduty", routingKey: "short" }, ["/routingKey"]],
    [{ id: "x", url: hook, routingKey: "a".repeat(32) }, ["/routingKey"]],
    [{ id: "x", url: hook, kind: "email" }, ["/kind"]],
    [{ id: "x", url: hook, rules: ["everything"] }, ["/rules/0"]],
    [{ id: "x", url: hook, secret: "whsec_mine" }, ["/secret"]],
    [{ id: "x", url: "nonsense" }, ["/url"]],
  ])("name what is wrong with %j", async (json, paths) => {
    const refused = await ask("/alerts/targets", { json });
    expectProblem(refused, 422, "invalid_fields");
    expect(faultsIn(refused)).toEqual(paths);
  });

  it.each(["https://10.0.0.1/hook", "https://169.254.169.254/latest", "http://ops.example/hook", "https://intranet/x"])(
    "may not be at %s",
    async (url) => {
      expectProblem(await ask("/alerts/targets", { json: { id: "x", url } }), 422, "target_refused");
      await make("ops", { url: hook });
      expectProblem(await change("ops", { url }), 422, "target_refused");
    },
  );

  it("take no id twice, and there may be twenty", async () => {
    await make("ops", { url: hook });
    expectProblem(await ask("/alerts/targets", { json: { id: "OPS", url: hook } }), 409, "already_exists");
    for (let n = 1; n < 20; n += 1) await make(`ops-${n}`, { url: hook });
    expectProblem(await ask("/alerts/targets", { json: { id: "more", url: hook } }), 409, "conflict");
  });

  it("that are not there are unknown, and the nearest are named", async () => {
    await make("on-call", { url: hook });
    for (const refused of [
      await ask("/alerts/targets/on-cal"),
      await change("on-cal", {}),
      await ask("/alerts/targets/on-cal", { method: "DELETE" }),
      await ask("/alerts/targets/on-cal:rotate", { method: "POST" }),
    ]) {
      expect(expectProblem(refused, 404, "unknown_alert_target")["nearest"]).toEqual(["on-call"]);
    }
  });

  it("are changed field by field, and null takes back", async () => {
    await make("ops", { url: hook, title: "Ops", rules: ["server_down"] });
    const changed = await change("ops", { title: null, rules: null, url: "https://chat.example/x" });
    expect(changed.body).toMatchObject({ title: null, rules: null, origin: "https://chat.example" });
    expect((await change("ops", { disabled: true })).body).toMatchObject({
      disabled: true,
      origin: "https://chat.example",
    });
  });
});

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
    expect(() => new Webhook(String(second)).verify(text, headers)).toThrow();
  });

  it("is for webhooks only", async () => {
    await make("chat", { kind: "slack", url: "https://chat.example/x" });
    expectProblem(await ask("/alerts/targets/chat:rotate", { method: "POST" }), 409, "conflict");
  });
});

describe("rules", () => {
  it("are listed with what they are set to, and changed one field at a time", async () => {
    const { rules } = (await ask("/alerts/rules")).body as { rules: Body[] };
    expect(rules.map(({ rule }) => rule)).toContain("tool_changed");
    const changed = await ask("/alerts/rules/error_rate", {
      method: "PATCH",
      json: { threshold: 40, afterSeconds: 30 },
    });
    expect(changed.body).toEqual({
      rule: "error_rate",
      enabled: true,
      severity: "warning",
      afterSeconds: 30,
      clearSeconds: 60,
      threshold: 40,
    });
    await ask("/alerts/rules/error_rate", { method: "PATCH", json: { threshold: 25, afterSeconds: 0 } });
  });

  it("refuse what they do not have", async () => {
    const refused = await ask("/alerts/rules/server_down", { method: "PATCH", json: { threshold: 5 } });
    expectProblem(refused, 422, "invalid_fields");
    const unknown = await ask("/alerts/rules/weather", { method: "PATCH", json: {} });
    expect(faultsIn(unknown)).toEqual(["rule"]);
  });
});

describe("silences", () => {
  it("begin, are listed, and end", async () => {
    const begun = await ask("/alerts/silences", { json: { id: "deploy", minutes: 5, subjects: ["memory*"] } });
    expect(begun.status).toBe(201);
    expect((await ask("/alerts/silences")).body).toEqual({ silences: [begun.body] });
    expectProblem(await ask("/alerts/silences", { json: { id: "deploy", minutes: 5 } }), 409, "already_exists");
    expect((await ask("/alerts/silences/deploy", { method: "DELETE" })).body).toEqual({ id: "deploy" });
    expectProblem(await ask("/alerts/silences/deploy", { method: "DELETE" }), 404, "unknown_silence");
  });
});

describe("the lists", () => {
  it("go newest first, page by page, open ones and all", async () => {
    const happen = (subject: string, is: "wrong" | "right") =>
      fleet().signal([{ rule: "quota_near", subject, is, at: Date.now(), reason: "" }]);
    await make("ops", { url: hook });
    await ask("/alerts/rules/quota_near", { method: "PATCH", json: { clearSeconds: 0 } });
    for (const subject of ["k1", "k2", "k3", "k4", "k5"]) await happen(subject, "wrong");
    await happen("k2", "right");
    const pages = await pagesOf("/alerts?limit=2");
    const all = pages.flatMap(({ body }) => body["alerts"] as Body[]);
    expect(all.map(({ subject }) => subject)).toEqual(["k5", "k4", "k3", "k2", "k1"]);
    const open = (await ask("/alerts?state=open")).body["alerts"] as Body[];
    expect(open.map(({ subject }) => subject)).toEqual(["k5", "k4", "k3", "k1"]);
    const waiting = (await ask("/alerts/deliveries")).body["deliveries"] as Body[];
    expect(waiting.map(({ change: what, alerts, state }) => [what, (alerts as []).length, state])).toEqual([
      ["recovered", 1, "waiting"],
      ["opened", 5, "waiting"],
    ]);
    for (const subject of ["k1", "k3", "k4", "k5"]) await happen(subject, "right");
    await ask("/alerts/rules/quota_near", { method: "PATCH", json: { clearSeconds: 60 } });
  });
});

describe("who may", () => {
  it("readers read, writers write, others neither", async () => {
    const [reader, writer] = [await makeKey({ scopes: ["servers:read"] }), await makeKey({ scopes: ["alerts:write"] })];
    for (const path of ["/alerts", "/alerts/deliveries", "/alerts/rules", "/alerts/silences", "/alerts/targets"]) {
      expect((await ask(path, { key: reader.key })).status).toBe(200);
      expectProblem(await ask(path, { key: writer.key }), 403, "scope_missing");
    }
    for (const [path, json] of [
      ["/alerts/targets", { id: "x", url: hook }],
      ["/alerts/silences", { id: "x", minutes: 1 }],
      ["/alerts:test", {}],
    ] as const) {
      const refused = await ask(path, { key: reader.key, json });
      expect(expectProblem(refused, 403, "scope_missing")["scope"]).toBe("alerts:write");
    }
    expect((await ask("/alerts:test", { key: writer.key, method: "POST" })).status).toBe(200);
  });
});
