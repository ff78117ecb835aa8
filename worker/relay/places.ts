/**
 * The calls that this isolate has under way, per server, against its share of the server's limit. Plain values: a call
 * whose invocation was cut off tells nobody that it has ended, so its place ends with its deadline. Who waits looks again
 * and again, since no request may wait for a promise of another's.
 */
import { giveBack, noPlaces, take, type Places } from "../../core/policies/in-flight.ts";

const lookAgainMs = 10;
const mostServers = 20_000;
const servers = new Map<string, Places>();

/** A ticket, to be given to `leave`; "full" when there is no place, and would be none soon. */
export function enter(
  server: string,
  share: number,
  endsAt: number,
  now: number,
): number | "full" | Promise<number | "full"> {
  let places = servers.get(server);
  if (places === undefined) {
    if (servers.size >= mostServers) dropIdle();
    servers.set(server, (places = noPlaces()));
  }
  const place = take(places, { share, endsAt }, now);
  if (place.is === "full") return "full";
  return place.is === "taken" ? place.ticket : wait(places, share, endsAt, place.ticket);
}

export function leave(server: string, ticket: number): void {
  const places = servers.get(server);
  if (places) giveBack(places, ticket);
}

async function wait(places: Places, share: number, endsAt: number, ticket: number): Promise<number | "full"> {
  for (;;) {
    await scheduler.wait(lookAgainMs);
    const place = take(places, { share, endsAt, ticket }, Date.now());
    if (place.is === "full") return "full";
    if (place.is === "taken") return place.ticket;
  }
}

function dropIdle(): void {
  for (const [server, { held, waiting }] of servers) if (held.size === 0 && waiting.size === 0) servers.delete(server);
}
