/** Answers that were given and not yet fetched: beyond a bound the program that goes on answering is held. */
import type { Reply } from "../local-server.ts";
import type { Dialogue } from "./dialogue.ts";

/** Smaller ones do not add up to anything: the number of exchanges is bounded. */
const large = 1_048_576;
const most = 67_108_864;

export class Backlog {
  readonly #replies = new Set<Reply>();
  readonly #held = new Set<Dialogue>();

  /** After an answer was written. */
  watch(reply: Reply, dialogue: Dialogue): void {
    if (reply.waiting < large) return;
    this.#replies.add(reply);
    const look = (): void => {
      if (reply.waiting < large || reply.gone) this.#replies.delete(reply);
      this.#settle();
    };
    reply.onSent(look);
    reply.onGone(look);
    if (this.#waiting() <= most) return;
    this.#held.add(dialogue);
    dialogue.hold();
  }

  #waiting(): number {
    let sum = 0;
    for (const { waiting } of this.#replies) sum += waiting;
    return sum;
  }

  #settle(): void {
    if (this.#held.size === 0 || this.#waiting() > most) return;
    for (const dialogue of this.#held) dialogue.goOn();
    this.#held.clear();
  }
}
