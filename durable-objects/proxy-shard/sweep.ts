/** Puts away what was kept for long enough: sessions whose id is no longer good, idle conversations, old claims. */
import type { Claims } from "./claims.ts";
import type { Conversations } from "./conversations.ts";
import type { Schedule } from "./schedule.ts";
import type { Sessions } from "./sessions.ts";

/** An alarm is a billed write, and nothing here is urgent. */
const leastMs = 60_000;

export interface SweepRooms {
  readonly sessions: Sessions;
  readonly conversations: Conversations;
  readonly claims: Claims;
  readonly schedule: Schedule;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** From rows to when they are due: at start, and after each sweep. */
export function planSweep({ sessions, conversations, claims, schedule }: SweepRooms, now: number): void {
  const next = Math.min(sessions.nextEndAt(), conversations.nextEndAt(), claims.nextEndAt());
  if (next < Infinity) schedule.sweepBy(Math.max(next, now + leastMs));
}

/** What the alarm found due. */
export function sweep(rooms: SweepRooms, now: number): void {
  rooms.sessions.sweep(now);
  rooms.conversations.sweep(now);
  rooms.claims.sweep(now);
  rooms.waitUntil(rooms.claims.handOn());
  planSweep(rooms, now);
}
