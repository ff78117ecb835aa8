/** What connectors offer, as the gateway sees it. */
import { setTimeout as pause } from "node:timers/promises";
import { ask, type Gateway } from "./ask.ts";
import { member, textMember } from "./json.ts";
import { lookUp, stateOf } from "./register.ts";

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

/** How a server behind a connector does, once it is known: both sides have to call it ready, as a gateway remembers. */
export async function waitForConnected(gateway: Gateway, id: string): Promise<string> {
  for (const end = Date.now() + patienceMs; ; await pause(100)) {
    const offer = (await readOffers(gateway)).get(id);
    if (offer?.state === "down") return `down: ${offer.reason}`;
    const server = await lookUp(gateway, id);
    if (isUsable(offer) && textMember(server, "state") === "ready") return stateOf(server);
    if (Date.now() < end) continue;
    return server === undefined
      ? "not registered: no connector offers it"
      : `not ready: ${offer?.reason || stateOf(server)}`;
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
