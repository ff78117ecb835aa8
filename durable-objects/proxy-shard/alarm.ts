/** What a shard does when its one alarm rings: sees to the servers that are due, and writes what has been counted. */
import type { Checkpoint } from "./checkpoint.ts";
import type { Schedule } from "./schedule.ts";
import type { Visits } from "./visits.ts";

export interface AlarmRooms {
  readonly schedule: Schedule;
  readonly visits: Visits;
  readonly checkpoint: Checkpoint;
}

/** Waits for no server: the next alarm cannot ring before this one is answered. */
export function ring({ schedule, visits, checkpoint }: AlarmRooms, now: number): void {
  const due = schedule.takeDue(now);
  for (const server of due.servers) visits.inBackground(server);
  if (due.checkpoint) checkpoint.write(due.at);
  schedule.wake();
}
