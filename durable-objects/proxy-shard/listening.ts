/**
 * The stream on which a legacy server says what belongs to no request (2025-11-25, "listening for messages"). Many ask
 * there what they need in the middle of a call, so a session with a parked call is listened to: one stream per session,
 * since servers refuse a second. A question on it does not say which call it is for; all calls of a session are of one
 * key with one set of capabilities, so it goes to the one whose client waits and that began last. Memory only.
 */
import type { Networks } from "../../core/contract/bindings.ts";
import type { Connection } from "../../core/contract/call.ts";
import type { Hooks } from "../../core/upstream/link.ts";
import { listenTo } from "../../core/upstream/listen.ts";
import type { ParkedCall } from "./parked-call.ts";
import { within } from "./patience.ts";

/** A call is held up no longer by a server that is slow to open its stream. */
const openingMs = 100;
/** The next call often comes soon. */
const lingerMs = 10_000;
const mostEventBytes = 4_194_304;

interface Line {
  readonly server: string;
  readonly connection: Connection;
  readonly calls: Set<ParkedCall>;
  readonly hangUp: AbortController;
  /** Settles when the stream is open, or there is none. */
  opened?: Promise<void> | undefined;
  hasNone: boolean;
  linger?: ReturnType<typeof setTimeout> | undefined;
}

export interface ListeningRooms {
  readonly networks: Networks;
  readonly visits: { listChanged(server: string): void };
  readonly waitUntil: (work: Promise<unknown>) => void;
}

export class Listening {
  readonly #rooms: ListeningRooms;
  readonly #lines = new Map<string, Line>();

  constructor(rooms: ListeningRooms) {
    this.#rooms = rooms;
  }

  /** Listens for this call too; to be waited for, since what is said before the stream is open is lost. */
  async join(call: ParkedCall, connection: Connection): Promise<void> {
    const { era, kind, sessionId } = connection;
    if (era !== "legacy" || kind === "sse" || sessionId === undefined) return;
    const line = this.#line(`${call.ask.server} ${sessionId}`, call.ask.server, connection);
    clearTimeout(line.linger);
    line.calls.add(call);
    if (line.hasNone) return;
    line.opened ??= this.#open(line);
    await within(openingMs, line.opened);
  }

  leave(call: ParkedCall): void {
    for (const [name, line] of this.#lines) {
      if (!line.calls.delete(call) || line.calls.size > 0) continue;
      line.linger = setTimeout(() => this.#close(name, line), lingerMs);
    }
  }

  /** The server is gone for good: nobody stays connected to it. */
  cut(server: string): void {
    for (const [name, line] of this.#lines) if (line.server === server) this.#close(name, line);
  }

  #line(name: string, server: string, connection: Connection): Line {
    const known = this.#lines.get(name);
    if (known) return known;
    const line: Line = { server, connection, calls: new Set(), hangUp: new AbortController(), hasNone: false };
    this.#lines.set(name, line);
    return line;
  }

  #close(name: string, line: Line): void {
    clearTimeout(line.linger);
    line.hangUp.abort();
    this.#lines.delete(name);
  }

  #open(line: Line): Promise<void> {
    const { server, connection, hangUp } = line;
    const { promise, resolve } = Promise.withResolvers<void>();
    let isOpen = false;
    const hooks = this.#hooksOf(line, () => {
      isOpen = true;
      resolve();
    });
    const bounds = { deadlineAt: Infinity, maxAnswerBytes: mostEventBytes, signal: hangUp.signal };
    const stream = listenTo(connection, server, {}, hooks, bounds, this.#rooms.networks).then(() => {
      // One that was open and ended is opened again by the next step of a call.
      line.hasNone ||= !isOpen;
      line.opened = undefined;
      resolve();
    });
    this.#rooms.waitUntil(stream);
    return promise;
  }

  #hooksOf({ server, calls }: Line, onOpen: () => void): Hooks {
    return {
      onOpen,
      onRequest: (request) => latest(calls)?.question(request) ?? false,
      onNotification: (text, method) => {
        if (method.endsWith("/list_changed")) this.#rooms.visits.listChanged(server);
        else if (method === "notifications/message") latest(calls)?.notice(text, method);
        else for (const call of calls) call.notice(text, method);
      },
    };
  }
}

function latest(calls: ReadonlySet<ParkedCall>): ParkedCall | undefined {
  const all = [...calls];
  return all.findLast((call) => call.isAwaited) ?? all.at(-1);
}
