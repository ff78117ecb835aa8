/**
 * When something that goes wrong becomes an alert, and when it is over. One alert from the first trouble to the last:
 * what is wrong must stay so for a while before anybody is told, and what is right must stay so before it counts as
 * over. What keeps coming back is told without the first wait, and must stay right longer each time, so a thing that
 * flaps is one long alert and not a hundred.
 */
export interface Holds {
  readonly afterMs: number;
  readonly clearMs: number;
}

/** What is known of one thing that went wrong. */
export interface Watch {
  /** As was heard last. */
  readonly is: "wrong" | "right";
  /** Since when it is so. */
  readonly since: number;
  /** Whether an alert is open. */
  readonly open: boolean;
  /** When it turned right lately, oldest first. */
  readonly turns: readonly number[];
}

export interface Verdict {
  /** Undefined: nothing is left to remember. */
  readonly watch: Watch | undefined;
  readonly change?: "opened" | "recovered";
  /** When to judge again if nothing is heard before; absent when only news can change anything. */
  readonly dueAt?: number;
}

/** Turns within this time count as flapping. */
export const flapWindowMs = 600_000;
/** So many turns, and the next trouble is told at once. */
export const flapTurns = 3;
/** The longest a flapping thing must stay right. */
export const longestClearMs = 600_000;
const mostTurns = 12;

/** News of how it is. Told again what is known already, nothing changes. */
export function hear(watch: Watch | undefined, is: Watch["is"], now: number): Watch | undefined {
  if (watch === undefined) return is === "right" ? undefined : { is, since: now, open: false, turns: [] };
  if (watch.is === is) return watch;
  const recent = watch.turns.filter((at) => at > now - flapWindowMs);
  const turns = is === "right" ? [...recent, now].slice(-mostTurns) : recent;
  return { is, since: now, open: watch.open, turns };
}

export function judge(watch: Watch, now: number, holds: Holds): Verdict {
  if (watch.is === "wrong") {
    if (watch.open) return { watch };
    const dueAt = watch.since + (watch.turns.length >= flapTurns ? 0 : holds.afterMs);
    return dueAt > now ? { watch, dueAt } : { watch: { ...watch, open: true }, change: "opened" };
  }
  if (watch.open) {
    const dueAt = watch.since + clearMs(watch, holds);
    return dueAt > now ? { watch, dueAt } : { ...judge({ ...watch, open: false }, now, holds), change: "recovered" };
  }
  const dueAt = watch.since + flapWindowMs;
  return dueAt > now ? { watch, dueAt } : { watch: undefined };
}

/** Doubles with each turn after the first. A rule that waits for longer by itself is not cut short. */
function clearMs({ turns }: Watch, holds: Holds): number {
  const doubled = holds.clearMs * 2 ** Math.max(0, turns.length - 1);
  return Math.max(holds.clearMs, Math.min(doubled, longestClearMs));
}
