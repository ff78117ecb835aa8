/** `/settings`: what this gateway calls itself, what it tells its visitors, and the limit of keys that name none. */
import { toLimit } from "../../core/contract/limit.ts";
import { success } from "../../core/contract/outcome.ts";
import { settingsPatchSchema, settingsViewSchema } from "../../core/contract/settings.ts";
import { askFleet } from "../objects.ts";
import { changeSettings as change, readSettings } from "../settings-client.ts";
import { actorOf } from "./actor.ts";
import { endpoint } from "./endpoint.ts";

const example = { displayName: "Patchbay", maintenanceNotice: null, defaultLimit: { perMinute: 6_000, burst: 1_000 } };

export const showSettings = endpoint({
  summary: "Show the settings",
  tag: "Administration",
  answer: settingsViewSchema,
  example: { answer: example },
  async handle({ house }) {
    const [settings, limit] = await Promise.all([
      readSettings(house.env),
      askFleet(house.env, (fleet) => fleet.defaultLimit()),
    ]);
    if (!settings.ok) return settings;
    return success(limit.ok ? { ...settings.value, defaultLimit: limit.value } : settings.value);
  },
});

export const changeSettings = endpoint({
  summary: "Change the settings",
  description: "What is left out stays as it is.",
  tag: "Administration",
  body: settingsPatchSchema,
  answer: settingsViewSchema,
  example: {
    body: { maintenanceNotice: "Back at 18:00 UTC." },
    answer: { ...example, maintenanceNotice: "Back at 18:00 UTC." },
  },
  async handle({ house, caller, body }) {
    // Fleet first: it owns the default limit and tells the shards; the settings keep a copy for display.
    if (body.defaultLimit !== undefined) {
      const limit = body.defaultLimit && toLimit(body.defaultLimit);
      const actor = actorOf({ caller, house });
      const told = await askFleet(house.env, (fleet) => fleet.setDefaultLimit(limit, actor));
      if (!told.ok) return told;
    }
    return change(house.env, body);
  },
});
