/** What connectors offer, as the gateway sees it. */
import { setTimeout as pause } from "node:timers/promises";
import { ask, type Gateway } from "./ask.ts";
import { member, textMember } from "./json.ts";
import { lookUp, stateOf } from "./register.ts";
import { isStopping } from "./stop.ts";

const patienceMs = 30_000;

export interface Offer {
  readonly state: string;
  readonly reason: string;
}

export async function readOffers(gateway: Gateway): Promise<ReadonlyMap<string, Offer>> {
  const { body } = await ask(gateway, "/connectors");
  const servers = list(member(body, "connectors")).flatMap((connector) => list(member(connector, "servers")));
  return new Map(
    servers.map((server) => [
      textMember(server, "id") ?? "",
      { state: textMember(server, "state") ?? "", reason: textMember(server, "reason") ?? "" },
    ]),
  );
}

export function isUsable(offer: Offer | undefined): boolean {
  return offer?.state === "ready" || offer?.state === "idle";
}

/**
 * Says of each server behind a connector how it does, once that is known. Both sides have to call it ready: a gateway
 * remembers what was ready before.
 */
export async function waitForConnected(
  gateway: Gateway,
  ids: readonly string[],
  say: (id: string, outcome: string) => void,
): Promise<void> {
  const waiting = new Set(ids);
  for (const end = Date.now() + patienceMs; waiting.size > 0 && !isStopping(); await pause(200)) {
    const isOver = Date.now() > end;
    const offers = await readOffers(gateway);
    for (const id of waiting) {
      const outcome = await outcomeOf(gateway, id, offers.get(id), isOver);
      if (outcome === undefined) continue;
      waiting.delete(id);
      say(id, outcome);
    }
  }
}

async function outcomeOf(
  gateway: Gateway,
  id: string,
  offer: Offer | undefined,
  isOver: boolean,
): Promise<string | undefined> {
  if (offer?.state === "down") return `down: ${offer.reason}`;
  if (!isUsable(offer) && !isOver) return undefined;
  const server = await lookUp(gateway, id);
  if (isUsable(offer) && textMember(server, "state") === "ready") return stateOf(server);
  if (!isOver) return undefined;
  return offer === undefined ? "not connected; see connector.log" : `not ready: ${offer.reason || stateOf(server)}`;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
