/** Gateway-wide preferences of the operator: shown to people, never asked on the hot path, no secret among them. */
import { z } from "zod";
import { limitSchema, type Limit } from "./limit.ts";

/** The limit of a key that names none, until an operator sets another: 6000 calls a minute, 1000 at once. */
export const initialLimit: Limit = { perMinute: 6_000, burst: 1_000 };

const settingsFields = {
  displayName: z.string().trim().min(1).max(60).describe("What this gateway calls itself, on its pages."),
  maintenanceNotice: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .nullable()
    .describe("A line shown to everyone who looks at the gateway; none when null."),
  defaultLimit: limitSchema.nullable().describe("The limit of every key that names none; no limit when null."),
};

export const settingsPatchSchema = z.strictObject(settingsFields).partial().meta({ id: "SettingsPatch" });
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;

/** As stored and shown. `defaultLimit` is a copy for display: shards are told by `Fleet`, which owns it. */
export const settingsViewSchema = z
  .object({ ...settingsFields, defaultLimit: limitSchema.required().nullable() })
  .meta({ id: "Settings" });

export interface SettingsView {
  readonly displayName: string;
  readonly maintenanceNotice: string | null;
  readonly defaultLimit: Limit | null;
}
