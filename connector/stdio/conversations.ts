/** The processes that serve one client each: how many there may be, and how long. */
import { randomUUID } from "node:crypto";
import { Conversation, type ConversationEvents } from "./conversation.ts";
import type { ProgramSpec } from "./program.ts";

const most = 8;
const idleMs = 600_000;
const sweepMs = 60_000;

export class Conversations {
  readonly #spec: ProgramSpec;
  readonly #events: Omit<ConversationEvents, "ended">;
  readonly #ended: (reason: string) => void;
  readonly #open = new Map<string, Conversation>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(spec: ProgramSpec, events: Omit<ConversationEvents, "ended">, ended: (reason: string) => void) {
    this.#spec = spec;
    this.#events = events;
    this.#ended = ended;
  }

  /** In the place of the one that has been idle for longest, when there are enough; undefined when all are at work. */
  begin(): { readonly sessionId: string; readonly conversation: Conversation } | undefined {
    if (this.#open.size >= most && !this.#endLongestIdle()) return undefined;
    const sessionId = randomUUID();
    const conversation = new Conversation(this.#spec, {
      ...this.#events,
      ended: (reason) => {
        if (this.#open.delete(sessionId)) this.#ended(reason);
      },
    });
    this.#open.set(sessionId, conversation);
    this.#sweep ??= setInterval(() => this.#endIdle(), sweepMs);
    return { sessionId, conversation };
  }

  /** Undefined: there is none, or not any more. */
  find(sessionId: string): Conversation | undefined {
    const conversation = this.#open.get(sessionId);
    if (conversation) conversation.usedAt = performance.now();
    return conversation;
  }

  end(sessionId: string): boolean {
    const conversation = this.#open.get(sessionId);
    this.#open.delete(sessionId);
    void conversation?.dialogue.stop("its client said goodbye");
    return conversation !== undefined;
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map(({ dialogue }) => dialogue.stop("the connector stops")));
  }

  /** Its client's next request finds its session lost, and begins another. */
  #endLongestIdle(): boolean {
    const idle = [...this.#open].filter(([, { dialogue }]) => dialogue.busy === 0);
    const [longest] = idle.toSorted(([, a], [, b]) => a.usedAt - b.usedAt);
    return longest !== undefined && this.end(longest[0]);
  }

  #endIdle(): void {
    const before = performance.now() - idleMs;
    for (const [sessionId, { usedAt, dialogue }] of this.#open) {
      if (usedAt < before && dialogue.busy === 0) this.end(sessionId);
    }
    if (this.#open.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }
}
