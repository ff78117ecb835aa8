/**
 * Writes down what the hot path only counts: buckets, last uses, traffic. Soon after things have gone quiet, so that
 * an object that is put to sleep (after 10 s without a request) has lost nothing, and once a minute while they do not.
 */
import type { Buckets } from "./buckets.ts";
import type { ConversationRows } from "./conversation-rows.ts";
import type { Keys } from "./keys.ts";
import type { Receipts } from "./receipts.ts";
import type { Schedule } from "./schedule.ts";

const quietMs = 5_000;
const mostMs = 60_000;

export interface CheckpointRooms {
  readonly buckets: Buckets;
  readonly keys: Keys;
  readonly receipts: Receipts;
  readonly conversationRows: ConversationRows;
}

export class Checkpoint {
  readonly #rooms: CheckpointRooms;
  readonly #schedule: Schedule;
  #touchedAt = 0;
  #touches = 0;
  /** The first touch since the last writing; 0 when there was none. */
  #openSince = 0;

  constructor(rooms: CheckpointRooms, schedule: Schedule) {
    this.#rooms = rooms;
    this.#schedule = schedule;
  }

  /** How often something was counted since the object started: how much it is asked. */
  get touches(): number {
    return this.#touches;
  }

  /** Something was counted that no row knows of yet. */
  touch(now: number): void {
    this.#touchedAt = now;
    this.#touches += 1;
    if (this.#openSince > 0) return;
    this.#openSince = now;
    this.#schedule.checkpointBy(now + quietMs);
  }

  /** What the alarm found due. */
  write(now: number): void {
    if (now - this.#touchedAt < quietMs && now - this.#openSince < mostMs) {
      return this.#schedule.checkpointBy(this.#touchedAt + quietMs);
    }
    this.#openSince = 0;
    this.#rooms.buckets.checkpoint(now);
    this.#rooms.keys.checkpoint();
    this.#rooms.receipts.checkpoint();
    this.#rooms.conversationRows.checkpoint();
  }
}
