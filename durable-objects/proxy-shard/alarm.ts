/** What a shard does when its one alarm rings: sees to the servers that are due, checks the quiet ones, writes what has been counted, sweeps. */
import type { Checks } from "./checks.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Judging } from "./judging.ts";
import type { Signals } from "./signals.ts";
import { sweep, type SweepRooms } from "./sweep.ts";
import type { Visits } from "./visits.ts";

export interface AlarmRooms extends SweepRooms {
  readonly visits: Visits;
  readonly checkpoint: Checkpoint;
  readonly checks: Checks;
  readonly judging: Judging;
  readonly signals: Signals;
}

/** Waits for no server: the next alarm cannot ring before this one is answered. */
export function ring(rooms: AlarmRooms, now: number): void {
  const { schedule, visits, checkpoint, checks, judging, signals } = rooms;
  const due = schedule.takeDue(now);
  for (const server of due.servers) visits.inBackground(server);
  if (due.checkpoint) checkpoint.write(due.at);
  if (due.checkpoint || due.judging) judging.look(due.at);
  if (due.signals) signals.send();
  if (due.checks) checks.round(due.at);
  if (due.sweep) sweep(rooms, due.at);
  schedule.wake();
}
