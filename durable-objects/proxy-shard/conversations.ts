/**
 * A legacy server keeps state per session: what the client can do, what it subscribed to, what it was asked. So each
 * client's session, and each key's parked calls, have a connection of their own to it, negotiated with that client's
 * capabilities; modern servers hold no state and are shared. Rows (conversation-rows.ts); one idle for half an hour is
 * ended, and of more than 500 the least recently used. Who comes back after that gets a new one.
 */
import type { Connection } from "../../core/contract/call.ts";
import type { Conversation } from "../../core/contract/conversation.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { ServerRecord } from "../../core/contract/server.ts";
import type { Link } from "../../core/upstream/exchange.ts";
import { endSession } from "../../core/upstream/negotiate.ts";
import type { KeptConnection } from "./connections.ts";
import type { ConversationRows, KeptConversation } from "./conversation-rows.ts";
import { Flights } from "./flights.ts";
import { attemptMs, outdated, sealedShut, type IntroductionRooms, type Introductions } from "./introductions.ts";
import { within } from "./patience.ts";
import { Recent } from "./recent.ts";
import type { Schedule } from "./schedule.ts";

const idleMs = 1_800_000;
const mostConversations = 500;

export interface ConversationRooms extends IntroductionRooms {
  readonly conversationRows: ConversationRows;
  readonly introductions: Introductions;
  readonly schedule: Schedule;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** Whether what is shared holds state that clients must not share. An HTTP+SSE server is met anew with each call. */
export function holdsState(shared: Pick<KeptConnection, "era" | "kind" | "sessionId"> | undefined): boolean {
  return shared?.era === "legacy" && shared.kind !== "sse" && shared.sessionId !== undefined;
}

export class Conversations {
  readonly #rooms: ConversationRooms;
  readonly #flights = new Flights<Outcome<KeptConversation | undefined>>();
  readonly #silences = new Recent<Silence>(100);
  #generation = 0;

  constructor(rooms: ConversationRooms) {
    this.#rooms = rooms;
  }

  /**
   * The conversation's own connection, made when there is none newer than the one that was lost. Who asks meanwhile
   * waits for the same. Undefined: the server turned out to hold no state any more, so there is nothing to own.
   */
  async connect(record: ServerRecord, { id, capabilitiesText }: Conversation, lost = 0): Promise<Found> {
    const rows = this.#rooms.conversationRows;
    let kept = rows.get(record.id, id);
    if (kept === undefined || kept.connection.generation <= lost || this.#isGone(record, kept)) {
      const flight = `${record.id} ${id}`;
      const making = this.#flights.join(flight, () => this.#make(record, id, capabilitiesText));
      const made = await within(attemptMs, making);
      if (made === "late") return tooLate(record.id);
      if (!made.ok) return made;
      kept = made.value;
    }
    if (kept === undefined) return undefined;
    const headers = await this.#rooms.credentials.open(record);
    if (headers === undefined) return sealedShut(record.id);
    rows.use(record.id, id, Date.now());
    return success({ ...kept.connection, headers });
  }

  /** Those of a server on its way to another shard: its new owner goes on with them. */
  pack(server: string): readonly KeptConversation[] {
    return this.#rooms.conversationRows.list(server);
  }

  unpack(conversations: readonly KeptConversation[]): void {
    for (const kept of conversations) this.#keep(kept);
  }

  /** They are of no use any more, or go on elsewhere. */
  drop(server: string): void {
    for (const kept of this.#rooms.conversationRows.list(server)) this.#rooms.conversationRows.drop(kept);
  }

  /** The server is told that they are over. */
  end(record: ServerRecord): void {
    for (const kept of this.#rooms.conversationRows.list(record.id)) this.#end(kept, record);
  }

  /** When the next one will have been idle for too long; Infinity when there is none. */
  nextEndAt(): number {
    return Math.min(...this.#rooms.conversationRows.list().map(({ usedAt }) => usedAt + idleMs));
  }

  sweep(now: number): void {
    for (const kept of this.#rooms.conversationRows.list()) if (kept.usedAt + idleMs <= now) this.#end(kept);
  }

  async #make(
    record: ServerRecord,
    id: string,
    capabilitiesText: string,
  ): Promise<Outcome<KeptConversation | undefined>> {
    const { introductions, slots } = this.#rooms;
    const askedAt = Date.now();
    const met = await slots.use(record.id, "caller", async () => {
      // Who has waited for a slot meanwhile need not find out again that the server is silent.
      const silence = this.#silences.get(record.id);
      if (silence && silence.at >= askedAt) return silence.outcome;
      const found = await introductions.negotiate(record, { clientCapabilitiesText: capabilitiesText });
      if (isSilence(found)) this.#silences.set(record.id, { at: Date.now(), outcome: found });
      return found;
    });
    if (introductions.isOutdated(record)) return outdated(record.id);
    if (!met.ok) return met;
    const { headers: _inMemoryOnly, ...lasting } = met.value.connection;
    if (!holdsState(lasting)) {
      this.#rooms.conversationRows.drop({ server: record.id, id });
      return success(undefined);
    }
    // Counts on from the clock, so that it is never reused, though nothing is kept of conversations that have ended.
    this.#generation = Math.max(this.#generation + 1, Date.now());
    const connection = { ...lasting, generation: this.#generation };
    const kept = { server: record.id, id, connection, usedAt: Date.now() };
    this.#keep(kept);
    return success(kept);
  }

  /** Its connector has left, and another one offers the server. */
  #isGone({ id, kind }: ServerRecord, { connection: { replica } }: KeptConversation): boolean {
    const { tunnel } = this.#rooms;
    return kind === "connector" && !tunnel.isLive(id, replica) && tunnel.isOffered(id);
  }

  #keep(kept: KeptConversation): void {
    const { conversationRows: rows, schedule } = this.#rooms;
    rows.keep(kept);
    schedule.sweepBy(kept.usedAt + idleMs);
    if (rows.count <= mostConversations) return;
    const others = rows.list().filter((one) => one !== kept);
    const [oldest] = others.sort((a, b) => a.usedAt - b.usedAt);
    if (oldest) this.#end(oldest);
  }

  #end(kept: KeptConversation, record = this.#rooms.servers.get(kept.server)?.record): void {
    const { conversationRows: rows, slots, networks, waitUntil } = this.#rooms;
    rows.drop(kept);
    if (record === undefined || record.disabled) return;
    waitUntil(
      slots.use(kept.server, "upkeep", async () => {
        const headers = await this.#rooms.credentials.open(record);
        if (headers) await endSession(linkOf(kept, headers), networks);
      }),
    );
  }
}

interface Silence {
  readonly at: number;
  readonly outcome: ReturnType<typeof failure>;
}

type Found = Outcome<Connection> | undefined;

function tooLate(server: string): Outcome<never> {
  return failure({ code: "server_timeout", server, execution: "not_executed", timeoutMs: attemptMs });
}

function linkOf({ connection }: KeptConversation, headers: Connection["headers"]): Link {
  const { generation: _ours, ...link } = connection;
  return { ...link, headers };
}

function isSilence(met: Outcome<unknown>): met is Silence["outcome"] {
  return !met.ok && (met.failure.code === "server_timeout" || met.failure.code === "server_unreachable");
}
