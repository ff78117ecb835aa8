/**
 * Messages between requests that know of each other by a box's name only: a client's answer on its way to the call
 * that asked. In memory, so a restart loses them; an object that falls asleep does, too, which leaves what nobody waits
 * for some ten seconds: enough for the gap between two waits.
 */
import { within } from "./patience.ts";

const longestWaitMs = 300_000;
/** Names are made of what clients send; a longer one takes no part. */
const longestName = 512;
/** Each takes a timer, of which workerd gives an object 10,000. */
const mostWaits = 4_000;
const turnedAwayMs = 1_000;
const keptMs = 300_000;
const mostInBox = 16;
const mostBoxes = 10_000;
/** All that is kept, in characters. */
const mostKept = 8_388_608;

interface Mail {
  readonly text: string;
  readonly at: number;
}

type Waiter = (mail: { readonly text: string }) => void;

export class Mailbox {
  readonly #waiting = new Map<string, readonly Waiter[]>();
  readonly #kept = new Map<string, readonly Mail[]>();
  #size = 0;
  #waits = 0;
  /** What those wait for who are too many: one timer for all of them. */
  #pause: Promise<void> | undefined;

  async wait(box: string, timeoutMs: number): Promise<string | undefined> {
    this.#forgetOld(box, Date.now());
    const kept = this.#take(box);
    if (kept !== undefined) return kept;
    // Sent away at once they would be back at once.
    if (this.#waits >= mostWaits || box.length > longestName) return this.#turnAway();
    const { promise, resolve } = Promise.withResolvers<{ readonly text: string }>();
    this.#waiting.set(box, [...(this.#waiting.get(box) ?? []), resolve]);
    this.#waits += 1;
    const mail = await within(Math.min(timeoutMs, longestWaitMs), promise);
    this.#waits -= 1;
    if (mail !== "late") return mail.text;
    this.#leave(box, resolve);
    return undefined;
  }

  /** To who has waited longest, else it is kept for the next wait. */
  deliver(box: string, text: string, now: number): boolean {
    const waiter = this.#waiting.get(box)?.[0];
    if (waiter === undefined) return this.#keep(box, { text, at: now });
    this.#leave(box, waiter);
    waiter({ text });
    return true;
  }

  async #turnAway(): Promise<undefined> {
    this.#pause ??= scheduler.wait(turnedAwayMs).then(() => (this.#pause = undefined));
    await this.#pause;
  }

  #leave(box: string, waiter: Waiter): void {
    const others = (this.#waiting.get(box) ?? []).filter((one) => one !== waiter);
    if (others.length > 0) this.#waiting.set(box, others);
    else this.#waiting.delete(box);
  }

  #keep(box: string, mail: Mail): boolean {
    this.#forgetOld(box, mail.at);
    if (this.#kept.size >= mostBoxes || this.#size + mail.text.length > mostKept) {
      for (const name of this.#kept.keys()) this.#forgetOld(name, mail.at);
    }
    const others = this.#kept.get(box) ?? [];
    const isFull = others.length >= mostInBox || (others.length === 0 && this.#kept.size >= mostBoxes);
    if (isFull || box.length > longestName || this.#size + mail.text.length > mostKept) return false;
    this.#put(box, [...others, mail]);
    return true;
  }

  #take(box: string): string | undefined {
    const [mail, ...others] = this.#kept.get(box) ?? [];
    if (mail !== undefined) this.#put(box, others);
    return mail?.text;
  }

  #forgetOld(box: string, now: number): void {
    const mails = this.#kept.get(box);
    if (mails?.some(({ at }) => at + keptMs <= now)) {
      this.#put(
        box,
        mails.filter(({ at }) => at + keptMs > now),
      );
    }
  }

  #put(box: string, mails: readonly Mail[]): void {
    this.#size += lengthOf(mails) - lengthOf(this.#kept.get(box) ?? []);
    if (mails.length > 0) this.#kept.set(box, mails);
    else this.#kept.delete(box);
  }
}

function lengthOf(mails: readonly Mail[]): number {
  return mails.reduce((sum, { text }) => sum + text.length, 0);
}
