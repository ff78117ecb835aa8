/** The whole examination, in the order in which one thing rests on another. */
import { checkReach } from "./checks/reach.ts";
import { checkRedirect } from "./checks/redirect.ts";
import { gatewayTimeIn, judgeClock, noClock } from "./checks/clock.ts";
import { checkKey } from "./checks/key.ts";
import { checkServers } from "./checks/servers.ts";
import { checkShards } from "./checks/shards.ts";
import { checkTools } from "./checks/tools.ts";
import type { Gateway } from "./ask.ts";
import type { Findings } from "./finding.ts";
import { isPrivateWay } from "./private-way.ts";
import { allows } from "../../core/contract/scope.ts";

export async function* examine(gateway: Gateway, ownVersion: string): Findings {
  const first = yield* checkReach(gateway, ownVersion);
  if (first !== undefined || gateway.url.protocol === "https:") yield* checkRedirect(gateway.url);
  if (first === undefined || !isPrivateWay(gateway.url)) return;
  const said = gatewayTimeIn(first);
  if (said !== undefined) yield judgeClock(said, first);

  const held = [...((yield* checkKey(gateway)) ?? [])];
  const mayRead = allows(held, "servers:read");
  const timed = yield* checkShards(gateway, mayRead);
  if (said === undefined) yield timed ? judgeClock(timed.gatewayNow, timed.answer) : noClock;
  if (mayRead) yield* checkServers(gateway);
  if (allows(held, "tools:list")) yield* checkTools(gateway);
}
