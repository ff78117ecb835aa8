/**
 * One who registers servers, changes them and takes them away, one request after the other, and remembers what was
 * acknowledged. What was asked and not answered is in doubt: it may be there wholly or not at all.
 */
import { setTimeout as pause } from "node:timers/promises";
import { administer } from "./stage.ts";
import { noAnswer, type Target } from "./load.ts";

/** The version of a server that is there; 0: none. Version 7 has the title `v7` and a time limit of 10,007 ms. */
type Version = number;

interface Memory {
  acknowledged: Version;
  /** The change under way when the answer did not come. */
  inDoubt?: Version;
}

/** A gateway that is well; others come and go faster than it can be asked of each. */
const most = 12;

export class Administrator {
  readonly #name: string;
  readonly #memories = new Map<string, Memory>();
  #made = 0;
  /** Of each change, in order: `ok`, a failure's code, or how there was no answer. */
  readonly saw: string[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  get servers(): ReadonlyMap<string, Memory> {
    return this.#memories;
  }

  /** Until told to end, or until a change is in doubt and `goesOn` is false. */
  async work(target: Target, { signal, goesOn = false }: { signal: AbortSignal; goesOn?: boolean }): Promise<void> {
    while (!signal.aborted) {
      const id = this.#next();
      const isSure = await this.#change(target, id);
      if (isSure) continue;
      if (!goesOn) return;
      await pause(100);
    }
  }

  /** What is there is the truth from now on. */
  settle(id: string, version: Version): void {
    this.#memories.set(id, { acknowledged: version });
  }

  /** Oldest first; what is in doubt is left alone until somebody has looked. */
  #next(): string {
    const sure = [...this.#memories].filter(([, { inDoubt }]) => inDoubt === undefined);
    const living = sure.filter(([, { acknowledged }]) => acknowledged > 0);
    const [first] = living;
    if (first && (living.length >= most || Math.random() < 0.6)) {
      // To the end of the line.
      this.#memories.delete(first[0]);
      this.#memories.set(...first);
      return first[0];
    }
    this.#made += 1;
    const id = `${this.#name}-${this.#made}`;
    this.#memories.set(id, { acknowledged: 0 });
    return id;
  }

  async #change(target: Target, id: string): Promise<boolean> {
    const { acknowledged: now } = this.#memories.get(id) ?? { acknowledged: 0 };
    const next = now === 0 || now % 4 !== 0 ? now + 1 : 0;
    this.#memories.set(id, { acknowledged: now, inDoubt: next });
    const saw = await ask(target, id, now, next);
    if (saw === "ok") this.#memories.set(id, { acknowledged: next });
    this.saw.push(saw);
    return saw === "ok";
  }
}

async function ask(target: Target, id: string, now: Version, next: Version): Promise<string> {
  const fields = fieldsOf(next);
  // Nothing listens there, and nobody looks: it is registered and not used.
  const made = { id, url: "http://127.0.0.1:65000/mcp", disabled: true, ...fields };
  const sent =
    next === 0
      ? administer(target, `/servers/${id}`, { method: "DELETE" })
      : now === 0
        ? administer(target, "/servers", { method: "POST", body: made })
        : administer(target, `/servers/${id}`, { method: "PATCH", body: fields });
  return await sent.then(
    ({ status, body, text }) => {
      // Nothing of it was wrong: such an answer is a bug, here or there.
      if (status >= 300 && status < 500) throw new Error(`${id}, v${now} to v${next}: ${text}`);
      return status < 300 ? "ok" : ((body as { code?: string } | undefined)?.code ?? `${status} without a code`);
    },
    (reason: unknown) => noAnswer(reason),
  );
}

export function fieldsOf(version: Version): { readonly title: string; readonly timeoutMs: number } {
  return { title: `v${version}`, timeoutMs: 10_000 + version };
}
