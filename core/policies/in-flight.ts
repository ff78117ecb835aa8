/**
 * How many calls of a server may be under way at once, and how many may wait for a place. What an isolate may let through
 * is its share of the server's limit; those who wait are served in the order in which they came, and not for long.
 */
export const usualInFlight = 256;

/** Each isolate that is in use gets an equal share, and one place at least. */
export function shareOf(limit: number, isolates: number): number {
  return Math.max(1, Math.floor(limit / Math.max(1, isolates)));
}

/** A queue is for a hiccup: a longer one would only make its callers wait for a refusal. */
export function queueOf(share: number): number {
  return Math.min(64, Math.max(1, Math.floor(share / 4)));
}

export const longestQueuedMs = 500;

export interface Places {
  /** By when each call under way must have ended, whatever became of who counted it. */
  readonly held: Map<number, number>;
  /** Tickets of those who wait, and until when; oldest first. */
  readonly waiting: Map<number, number>;
  nextTicket: number;
}

export function noPlaces(): Places {
  return { held: new Map(), waiting: new Map(), nextTicket: 1 };
}

/** `taken`: go. `wait`: ask again soon with the same ticket. `full`: refuse. */
export type Place = { readonly is: "taken" | "wait"; readonly ticket: number } | { readonly is: "full" };

export interface Wish {
  readonly share: number;
  readonly endsAt: number;
  /** From an earlier `wait`. */
  readonly ticket?: number | undefined;
}

export function take(places: Places, { share, endsAt, ticket }: Wish, now: number): Place {
  const { held, waiting } = places;
  if (held.size >= share) dropEnded(held, now);
  if (ticket === undefined) {
    if (held.size < share && waiting.size === 0) return hold(places, places.nextTicket++, endsAt);
    dropEnded(waiting, now);
    if (held.size < share && waiting.size === 0) return hold(places, places.nextTicket++, endsAt);
    if (waiting.size >= queueOf(share)) return { is: "full" };
    const mine = places.nextTicket++;
    waiting.set(mine, Math.min(now + longestQueuedMs, endsAt));
    return { is: "wait", ticket: mine };
  }
  const until = waiting.get(ticket);
  dropEnded(waiting, now);
  if (until === undefined || until <= now) return leave(places, ticket);
  const ahead = placeInLine(waiting, ticket);
  if (held.size + ahead >= share) return { is: "wait", ticket };
  waiting.delete(ticket);
  return hold(places, ticket, endsAt);
}

export function giveBack({ held }: Places, ticket: number): void {
  held.delete(ticket);
}

function leave({ waiting }: Places, ticket: number): Place {
  waiting.delete(ticket);
  return { is: "full" };
}

function hold({ held }: Places, ticket: number, endsAt: number): Place {
  held.set(ticket, endsAt);
  return { is: "taken", ticket };
}

/** How many came before this one. */
function placeInLine(waiting: Places["waiting"], ticket: number): number {
  let ahead = 0;
  for (const other of waiting.keys()) if (other < ticket) ahead += 1;
  return ahead;
}

/** Who held it was cut off without a word. */
function dropEnded(places: Map<number, number>, now: number): void {
  for (const [ticket, endsAt] of places) if (endsAt <= now) places.delete(ticket);
}
