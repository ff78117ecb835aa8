/**
 * One who makes API keys and revokes them, and remembers which was acknowledged: those must open the gateway, these must
 * not. A key whose making was not answered is nobody's: its secret was never seen.
 */
import { setTimeout as pause } from "node:timers/promises";
import { leaseLifeMs } from "../../core/contract/leases.ts";
import { sawOf, type Changes, type Work } from "./changes.ts";
import { noAnswer, type Target } from "./load.ts";
import { administer, within } from "./stage.ts";

interface Held {
  readonly key: string;
  /** `in_doubt`: its revocation was not answered. */
  is: "good" | "revoked" | "in_doubt";
}

const most = 6;

export class KeyKeeper implements Changes {
  readonly saw: string[] = [];
  readonly #wrong: string[] = [];
  readonly #keys = new Map<string, Held>();

  async work(target: Target, { signal, goesOn = false }: Work): Promise<void> {
    while (!signal.aborted) {
      const good = [...this.#keys].filter(([, { is }]) => is === "good");
      const [oldest] = good;
      const saw = oldest && good.length >= most ? await this.#revoke(target, ...oldest) : await this.#make(target);
      this.saw.push(saw);
      if (saw === "ok") continue;
      if (!goesOn) return;
      await pause(100);
    }
  }

  async lost(target: Target): Promise<readonly string[]> {
    const lost = this.#wrong.splice(0);
    for (const [id, held] of this.#keys) {
      const saw = await opening(target, held);
      if (held.is === "good" && saw !== "opens") lost.push(`key ${id} was made; it is answered ${saw}`);
      if (held.is === "revoked" && saw !== "refused") lost.push(`key ${id} was revoked; it is answered ${saw}`);
      // Seen to be refused once after a start: the row that refuses it is there.
      if (saw === "refused") this.#keys.delete(id);
      else held.is = "good";
    }
    return lost;
  }

  async #make(target: Target): Promise<string> {
    const body = { name: "chaos", scopes: ["tools:call"] };
    return await administer(target, "/keys", { method: "POST", body }).then((answer) => {
      const { id, key } = (answer.body ?? {}) as { id?: string; key?: string };
      if (answer.status === 201 && id !== undefined && key !== undefined) this.#keys.set(id, { key, is: "good" });
      return sawOf(answer, this.#wrong);
    }, noAnswer);
  }

  async #revoke(target: Target, id: string, held: Held): Promise<string> {
    held.is = "in_doubt";
    return await administer(target, `/keys/${id}`, { method: "DELETE" }).then((answer) => {
      if (answer.status < 300) held.is = "revoked";
      return sawOf(answer, this.#wrong);
    }, noAnswer);
  }
}

/** `opens`, `refused`, or what else was answered. A change takes effect within a lease's life. */
async function opening(target: Target, { key, is }: Held): Promise<string> {
  // A tool that nobody has: what is asked is whether the key opens the door.
  const body = { tool: "nobody__nothing" };
  let saw = "";
  await within(2 * leaseLifeMs, async () => {
    const { status, text } = await administer({ ...target, key }, "/call", { method: "POST", body });
    saw = status === 404 ? "opens" : status === 401 ? "refused" : text;
    return saw === (is === "good" ? "opens" : "refused") || (is === "in_doubt" && saw === "opens");
  });
  return saw;
}
