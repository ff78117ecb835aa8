/**
 * A process for one client alone. Over stdio a server's request does not say which call it belongs to, so a client that
 * can answer such requests gets a process of its own.
 */
import type { Reply } from "../local-server.ts";
import { mostWaiting } from "./answering.ts";
import { Dialogue } from "./dialogue.ts";
import { eventText } from "./message.ts";
import type { ProgramSpec } from "./program.ts";

/** Notifications that wait for somebody to listen. */
const mostHeld = 16;

/** The server's own streams: what it says outside of any call. */
export class Listeners {
  readonly #replies = new Set<Reply>();
  #held: string[] = [];

  add(reply: Reply): void {
    this.#replies.add(reply);
    reply.onGone(() => this.#replies.delete(reply));
    for (const text of this.#held) reply.write(eventText(text));
    this.#held = [];
  }

  /** A notification is for all who listen, a request for one. False: nobody took it. */
  say(text: string, isRequest: boolean): boolean {
    const all = [...this.#replies];
    if (isRequest) {
      all.at(-1)?.write(eventText(text));
      return all.length > 0;
    }
    for (const reply of all) if (reply.waiting < mostWaiting) reply.write(eventText(text));
    // The same text once: most of these only say that something is not what it was.
    if (all.length === 0) this.#held = [...this.#held.filter((held) => held !== text), text].slice(-mostHeld);
    return true;
  }

  close(): void {
    for (const reply of this.#replies) reply.end();
    this.#replies.clear();
    this.#held = [];
  }
}

export interface ConversationEvents {
  noise(text: string): void;
  log(line: string): void;
  ended(reason: string): void;
}

export class Conversation {
  readonly listeners = new Listeners();
  readonly dialogue: Dialogue;
  usedAt = performance.now();

  constructor(spec: ProgramSpec, events: ConversationEvents) {
    this.dialogue = new Dialogue(spec, true, {
      aside: (text, isRequest) => this.listeners.say(text, isRequest),
      noise: (text) => events.noise(text),
      log: (line) => events.log(line),
      alive: () => undefined,
      ended: (reason) => {
        this.listeners.close();
        events.ended(reason);
      },
    });
  }
}
