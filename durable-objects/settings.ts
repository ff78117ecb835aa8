/**
 * The operator's preferences, on itty-durable: one small JSON object, rarely read, never on the hot path, no secret.
 * It survives restarts as the row `data`, written whole by `persist()` before a change is answered.
 * What the library does behind our back and how that is contained: docs/decisions/0008-settings-on-itty-durable.md.
 */
import itty from "itty-durable";
import { initialLimit, type SettingsView } from "../core/contract/settings.ts";

/** The library's own types are `any`; this is the part of it that is used here. */
interface IttyObject {
  persist(): Promise<void>;
  fetch(request: Request): Promise<Response>;
}

const IttyDurable = itty.createDurable({ autoReturn: true }) as new (
  state: DurableObjectState,
  env: object,
) => IttyObject;

export class Settings extends IttyDurable implements SettingsView {
  displayName = "Patchbay";
  maintenanceNotice: string | null = null;
  defaultLimit: SettingsView["defaultLimit"] = initialLimit;

  /** The bindings stay outside: itty-durable would copy every secret among them onto its state, and trips over a null. */
  constructor(state: DurableObjectState) {
    super(state, {});
  }

  /** A method that returns nothing answers with the whole object (`autoReturn`). */
  read(): void {}

  /** `patchText` is JSON in ASCII: arguments travel in a header. Answered only when the row is written. */
  async change(patchText: string): Promise<void> {
    const patch: Partial<SettingsView> = JSON.parse(patchText);
    const { displayName, maintenanceNotice, defaultLimit } = patch;
    if (displayName !== undefined) this.displayName = displayName;
    if (maintenanceNotice !== undefined) this.maintenanceNotice = maintenanceNotice;
    if (defaultLimit !== undefined) this.defaultLimit = defaultLimit;
    await this.persist();
  }
}
