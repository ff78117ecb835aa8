/**
 * One who makes things, changes them and takes them away, one request after the other, and remembers what was
 * acknowledged. What was asked and not answered is in doubt: it may be there wholly or not at all.
 */
import { setTimeout as pause } from "node:timers/promises";
import { sawOf, type Changes, type Work } from "./changes.ts";
import { everyThing, strayServers } from "./listing.ts";
import { noAnswer, type Target } from "./load.ts";
import { administer } from "./stage.ts";
import { versionOf, type Things, type Version } from "./things.ts";

interface Memory {
  readonly acknowledged: Version;
  /** The change under way when the answer did not come. */
  readonly inDoubt?: Version;
}

/** So few that each is changed again and again. */
const most = 12;

export class Administrator implements Changes {
  readonly saw: string[] = [];
  readonly #wrong: string[] = [];
  readonly #name: string;
  readonly #things: Things;
  readonly #memories = new Map<string, Memory>();
  #made = 0;

  constructor(name: string, things: Things) {
    this.#name = name;
    this.#things = things;
  }

  async work(target: Target, { signal, goesOn = false }: Work): Promise<void> {
    while (!signal.aborted) {
      const saw = await this.#change(target, this.#next());
      this.saw.push(saw);
      if (saw === "ok") continue;
      if (!goesOn) return;
      await pause(100);
    }
  }

  async lost(target: Target): Promise<readonly string[]> {
    const lost = this.#wrong.splice(0);
    const all = await everyThing(target, this.#things);
    for (const [id, { acknowledged, inDoubt }] of this.#memories) {
      const found = all.find((thing) => thing.id === id);
      const version = versionOf(this.#things, found);
      const is = found ? JSON.stringify(found) : "gone";
      if (version === undefined) lost.push(`${id} is half changed: ${is}`);
      else if (version !== acknowledged && version !== inDoubt) {
        const asked = inDoubt === undefined ? "" : `, version ${inDoubt} asked for`;
        lost.push(`version ${acknowledged} of ${id} was acknowledged${asked}; it is ${is}`);
      }
      // What is there is the truth from now on.
      if (version === 0) this.#memories.delete(id);
      else this.#memories.set(id, { acknowledged: version ?? acknowledged });
    }
    if (this.#things.name === "servers") lost.push(...(await strayServers(target, new Set(this.#memories.keys()))));
    return lost;
  }

  /** Oldest first; what is in doubt is left alone until somebody has looked. */
  #next(): string {
    const living = [...this.#memories].filter(
      ([, { acknowledged, inDoubt }]) => inDoubt === undefined && acknowledged > 0,
    );
    const [oldest] = living;
    if (oldest && (living.length >= most || Math.random() < 0.6)) {
      // To the end of the line.
      this.#memories.delete(oldest[0]);
      this.#memories.set(...oldest);
      return oldest[0];
    }
    this.#made += 1;
    return `${this.#name}-${this.#made}`;
  }

  /** Made, changed three times, taken away. */
  async #change(target: Target, id: string): Promise<string> {
    const now = this.#memories.get(id)?.acknowledged ?? 0;
    const next = now === 4 ? 0 : now + 1;
    this.#memories.set(id, { acknowledged: now, inDoubt: next });
    const saw = await this.#ask(target, id, now, next);
    if (saw === "ok") this.#memories.set(id, { acknowledged: next });
    return saw;
  }

  async #ask(target: Target, id: string, now: Version, next: Version): Promise<string> {
    const { name, beside, fieldsOf } = this.#things;
    const one = `/${name}/${id}`;
    const fields = fieldsOf(next);
    const sent =
      next === 0
        ? administer(target, one, { method: "DELETE" })
        : now === 0
          ? administer(target, `/${name}`, { method: "POST", body: { id, ...beside, ...fields } })
          : administer(target, one, { method: "PATCH", body: fields });
    return await sent.then((answer) => sawOf(answer, this.#wrong), noAnswer);
  }
}
