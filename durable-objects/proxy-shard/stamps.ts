/**
 * Counts that move whenever what a server offers has changed. In memory; each starts from when its server's catalog was
 * read last, so that after a restart it differs from what was told before: a change that nobody saw would be worse than
 * a look too many.
 */
import type { Stamps as Told } from "../../core/contract/conversation.ts";

export type ListSort = keyof Told;

/** Keeps the sum over all servers exact, and comes round in 115 days. */
const cycleMs = 10_000_000_000;

const none: Told = { tools: 0, prompts: 0, resources: 0 };

export class Stamps {
  readonly #stamps = new Map<string, Told>();

  start(server: string, seenAt: number): void {
    const begun = seenAt % cycleMs;
    this.#stamps.set(server, { tools: begun, prompts: begun, resources: begun });
  }

  move(server: string, list: ListSort): void {
    const before = this.of(server);
    this.#stamps.set(server, { ...before, [list]: before[list] + 1 });
  }

  forget(server: string): void {
    this.#stamps.delete(server);
  }

  of(server: string): Told {
    return this.#stamps.get(server) ?? none;
  }

  /** Of several servers; it moves too when one comes or goes. */
  sum(servers: readonly string[]): Told {
    return servers.reduce((sum, server) => {
      const { tools, prompts, resources } = this.of(server);
      return { tools: sum.tools + tools, prompts: sum.prompts + prompts, resources: sum.resources + resources };
    }, none);
  }
}
