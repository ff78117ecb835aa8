/**
 * The typed door to the Settings object. itty-durable makes every method and property of an object callable from
 * outside, `destroy` included; so its stub stays in this file, and these two functions are all that is offered.
 */
import itty from "itty-durable";
import { toLimit } from "../core/contract/limit.ts";
import { failure, success, type Outcome } from "../core/contract/outcome.ts";
import { settingsViewSchema, type SettingsPatch, type SettingsView } from "../core/contract/settings.ts";

/** The library's own types are `any`; this is the part of it that is used here. */
interface SettingsStub {
  read(): Promise<unknown>;
  change(patchText: string): Promise<unknown>;
}

export interface SettingsEnv {
  readonly SETTINGS: { idFromName(name: string): unknown; get(id: never): unknown };
}

export function readSettings(env: SettingsEnv): Promise<Outcome<SettingsView>> {
  return ask(env, (stub) => stub.read());
}

/** Answers with the settings after the change; what the patch does not name stays. */
export function changeSettings(env: SettingsEnv, patch: SettingsPatch): Promise<Outcome<SettingsView>> {
  const { defaultLimit, ...rest } = patch;
  const whole = defaultLimit ? { ...rest, defaultLimit: toLimit(defaultLimit) } : patch;
  return ask(env, (stub) => stub.change(inAscii(JSON.stringify(whole))));
}

async function ask(
  env: SettingsEnv,
  question: (stub: SettingsStub) => Promise<unknown>,
): Promise<Outcome<SettingsView>> {
  try {
    const stub: SettingsStub = itty.proxyDurable(env.SETTINGS, { parse: true }).get("settings");
    const view = settingsViewSchema.parse(await question(stub));
    return success(view);
  } catch (error) {
    console.error("settings do not answer", error);
    return failure({ code: "fleet_unavailable" });
  }
}

/** itty-durable sends arguments in an HTTP header, which holds Latin-1 at best; JSON can say all the rest in escapes. */
function inAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
