import { env } from "cloudflare:workers";
import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { settingsPatchSchema } from "../../core/contract/settings.ts";
import { changeSettings, readSettings } from "../../worker/settings-client.ts";

const fresh = { displayName: "Patchbay", maintenanceNotice: null, defaultLimit: { perMinute: 6000, burst: 1000 } };

describe("the settings", () => {
  afterEach(async () => {
    await reset();
  });

  it("have a name, no notice and a default limit before anyone set them", async () => {
    expect(await readSettings(env)).toEqual({ ok: true, value: fresh });
  });

  it("change only what the patch names, and answer with the whole", async () => {
    await changeSettings(env, { maintenanceNotice: "Back at noon" });
    const changed = await changeSettings(env, { displayName: "Tools" });

    expect(changed).toEqual({ ok: true, value: { ...fresh, displayName: "Tools", maintenanceNotice: "Back at noon" } });
    expect(await readSettings(env)).toEqual(changed);
  });

  it("survive the object's eviction", async () => {
    await changeSettings(env, { displayName: "Tools", defaultLimit: null });
    await evictDurableObject(env.SETTINGS.get(env.SETTINGS.idFromName("settings")));

    expect(await readSettings(env)).toEqual({
      ok: true,
      value: { ...fresh, displayName: "Tools", defaultLimit: null },
    });
  });

  it.each([
    "Größe",
    "東京 🚦",
    'a "quote" and a \\ and\na new line',
    "\u007f\u0000",
    "half a \ud83d pair",
    "x".repeat(500),
  ])("keep text as it was given: %j", async (text) => {
    await changeSettings(env, { maintenanceNotice: text });
    expect(await readSettings(env)).toMatchObject({ value: { maintenanceNotice: text } });
  });

  it("send nothing but ASCII, since arguments travel in a header", async () => {
    const sent: string[] = [];
    const wiretap = {
      idFromName: (name: string) => name,
      get: () => ({
        fetch: async (request: Request) => {
          sent.push(request.headers.get("do-content") ?? "");
          return Response.json(fresh);
        },
      }),
    };
    await changeSettings({ SETTINGS: wiretap }, { displayName: "東京 Größe 🚦" });
    expect(sent.join()).toMatch(/^[\x20-\x7e]+$/);
  });

  it("take a notice back", async () => {
    await changeSettings(env, { maintenanceNotice: "Back at noon" });
    expect(await changeSettings(env, { maintenanceNotice: null })).toMatchObject({
      value: { maintenanceNotice: null },
    });
  });

  it("give a limit without a burst the burst it means", async () => {
    const changed = await changeSettings(env, { defaultLimit: { perMinute: 60 } });
    expect(changed).toMatchObject({ value: { defaultLimit: { perMinute: 60, burst: 60 } } });
  });

  it("both keep their change when two come at once", async () => {
    await Promise.all([
      changeSettings(env, { displayName: "Tools" }),
      changeSettings(env, { maintenanceNotice: "Back at noon" }),
    ]);
    expect(await readSettings(env)).toMatchObject({
      value: { displayName: "Tools", maintenanceNotice: "Back at noon" },
    });
  });

  it("say so when they cannot be reached", async () => {
    const broken = {
      idFromName: (name: string) => name,
      get: () => ({ fetch: () => Promise.reject(new Error("gone")) }),
    };
    expect(await readSettings({ SETTINGS: broken })).toEqual({ ok: false, failure: { code: "fleet_unavailable" } });
  });

  it("hold no secret: what the Worker is bound to is not copied onto their state", async () => {
    await readSettings(env);
    const held = await runInDurableObject(env.SETTINGS.get(env.SETTINGS.idFromName("settings")), (_, state) =>
      Object.keys(state),
    );
    expect(held).toContain("router");
    for (const name of Object.keys(env)) expect(held).not.toContain(name);
  });
});

describe("a settings patch", () => {
  it.each([
    { displayName: "" },
    { displayName: "x".repeat(61) },
    { maintenanceNotice: " " },
    { logo: "x" },
    { defaultLimit: { perMinute: 0 } },
  ])("is refused when it says %j", (patch) => {
    expect(settingsPatchSchema.safeParse(patch).success).toBe(false);
  });
});
