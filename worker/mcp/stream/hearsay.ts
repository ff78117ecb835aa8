/**
 * That a server has said that its lists have changed. Its shard reads them anew and moves its stamps; whoever listens
 * here looks more often until then. Module memory: a guess that may vanish, and then the usual look comes.
 */
import { ownerOf } from "../../../core/policies/placement.ts";
import { success } from "../../../core/contract/outcome.ts";
import type { House } from "../../house.ts";
import { askOwner } from "../../leases/ask-owner.ts";

const eagerForMs = 5_000;
/** Servers say it many times in a row. */
const sameMs = 250;

const heardAt = new Map<string, number>();

export function noteListChanged(house: House, server: string): void {
  const now = Date.now();
  const before = heardAt.get(server) ?? 0;
  heardAt.delete(server);
  heardAt.set(server, now);
  if (heardAt.size > 1_000) heardAt.delete(heardAt.keys().next().value ?? "");
  if (now - before < sameMs) return;
  house.waitUntil(
    askOwner(
      house,
      (map) => ownerOf(map, server),
      async (shard) => success(await shard.heardListChanged(server)),
    ),
  );
}

/** Whether a change is on its way: of this server, or of any. */
export function isExpected(server: string | undefined): boolean {
  const since = Date.now() - eagerForMs;
  if (server !== undefined) return (heardAt.get(server) ?? 0) > since;
  return [...heardAt.values()].some((at) => at > since);
}
