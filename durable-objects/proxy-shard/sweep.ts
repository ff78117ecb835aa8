/** Puts away what was kept for clients that have gone: sessions whose id is no longer good, idle conversations. */
import type { Conversations } from "./conversations.ts";
import type { Schedule } from "./schedule.ts";
import type { Sessions } from "./sessions.ts";

/** An alarm is a billed write, and nothing here is urgent. */
const leastMs = 60_000;

export interface SweepRooms {
  readonly sessions: Sessions;
  readonly conversations: Conversations;
  readonly schedule: Schedule;
}

/** From rows to when they are due: at start, and after each sweep. */
export function planSweep({ sessions, conversations, schedule }: SweepRooms, now: number): void {
  const next = Math.min(sessions.nextEndAt(), conversations.nextEndAt());
  if (next < Infinity) schedule.sweepBy(Math.max(next, now + leastMs));
}

/** What the alarm found due. */
export function sweep(rooms: SweepRooms, now: number): void {
  rooms.sessions.sweep(now);
  rooms.conversations.sweep(now);
  planSweep(rooms, now);
}
