/**
 * The servers that are listened to for one client's stream: those with resources that it subscribed to, over
 * connections of its own; and for changes of lists those that it sees, if they are few, over connections that all
 * streams of an isolate share: one of them holds each, and another takes it up when that one ends.
 */
import type { Conversation } from "../../../core/contract/conversation.ts";
import type { House } from "../../house.ts";
import { keepListening, type EarWish, type Mouth, type MouthOf } from "./ear.ts";

/** More would cost a client's stream more than it is worth; the servers of a large fleet are looked at in turn. */
export const mostEars = 20;
const claimMs = 6_000;

/** By server: until when some stream of this isolate holds the shared ear. */
const claims = new Map<string, number>();
let isolate = "";

/** Of changed lists the ear itself takes note. */
const deaf: Mouth = { updated: () => undefined };

interface Own {
  readonly uris: ReadonlySet<string>;
  readonly end: AbortController;
}

export class Ears {
  readonly #house: House;
  readonly #conversation: Conversation;
  readonly #mouthOf: (server: string, replica: string) => Mouth;
  readonly #own = new Map<string, Own>();
  readonly #shared = new Map<string, AbortController>();
  readonly #open = new Set<Promise<void>>();

  constructor(house: House, conversation: Conversation, mouthOf: (server: string, replica: string) => Mouth) {
    this.#house = house;
    this.#conversation = conversation;
    this.#mouthOf = mouthOf;
  }

  /** `own`: by server, the resources subscribed to. `listed`: of whose lists the client wants to know. */
  attend(own: ReadonlyMap<string, ReadonlySet<string>>, listed: readonly string[]): void {
    for (const [server, ear] of this.#own) {
      const uris = own.get(server);
      if (uris && isSame(uris, ear.uris)) continue;
      ear.end.abort();
      this.#own.delete(server);
    }
    for (const [server, uris] of own) {
      if (this.#own.has(server) || this.#own.size >= mostEars) continue;
      const end = new AbortController();
      this.#own.set(server, { uris, end });
      const wish = { server, conversation: this.#conversation, uris };
      this.#listen(wish, (replica) => this.#mouthOf(server, replica), end.signal);
    }
    this.#share(listed.filter((server) => !own.has(server)));
  }

  /** Resolves when every server has been let go. */
  async close(): Promise<void> {
    for (const { end } of this.#own.values()) end.abort();
    for (const [server, end] of this.#shared) {
      claims.delete(server);
      end.abort();
    }
    this.#own.clear();
    this.#shared.clear();
    await Promise.all(this.#open);
  }

  #listen(wish: EarWish, mouthOf: MouthOf, signal: AbortSignal): void {
    const listening = keepListening(this.#house, wish, mouthOf, signal).finally(() => this.#open.delete(listening));
    this.#open.add(listening);
  }

  #share(servers: readonly string[]): void {
    const now = Date.now();
    for (const [server, end] of this.#shared) {
      if (servers.includes(server)) continue;
      end.abort();
      this.#shared.delete(server);
      claims.delete(server);
    }
    for (const server of servers) {
      const isMine = this.#shared.has(server);
      if (!isMine && (claims.get(server) ?? 0) > now) continue;
      claims.set(server, now + claimMs);
      if (isMine) continue;
      const end = new AbortController();
      this.#shared.set(server, end);
      isolate ||= crypto.randomUUID();
      const wish = { server, conversation: { id: `ear:${isolate}`, capabilitiesText: "{}" }, uris: new Set<string>() };
      this.#listen(wish, () => deaf, end.signal);
    }
  }
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((uri) => b.has(uri));
}
