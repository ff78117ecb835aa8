import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { change, fleet, hook, listen, make, unmake } from "./alert-kit.ts";
import { ask, expectProblem, faultsIn, makeKey, pagesOf, type Body } from "./door.ts";

beforeEach(() => listen());
afterEach(unmake);

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
