/** What becomes of receipts: they are counted, and those that speak ill of a server have it looked at. */
import type { Receipt } from "../../core/contract/call.ts";
import type { Failure, FailureCode } from "../../core/contract/failure.ts";
import type { Breakers } from "./breakers.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Health } from "./health.ts";
import type { Judging } from "./judging.ts";
import { hasFailed, type Receipts } from "./receipts.ts";
import type { Servers } from "./servers.ts";
import type { Visits } from "./visits.ts";

/** Failures that may be the server's as a whole, and not just the one call's; of statuses only those from 500. */
const suspicious: ReadonlySet<string> = new Set<FailureCode>([
  "outcome_unknown",
  "server_unreachable",
  "server_timeout",
  "server_status",
  "answer_empty",
  "answer_html",
  "answer_not_json",
  "answer_truncated",
  "answer_wrong_id",
  "answer_invalid",
  "answer_too_large",
]);

export interface IntakeRooms {
  readonly servers: Servers;
  readonly receipts: Receipts;
  readonly health: Health;
  readonly breakers: Breakers;
  readonly routes: { refusal(server: string): Failure | undefined };
  readonly visits: Visits;
  readonly checkpoint: Checkpoint;
  readonly judging: Judging;
}

/** Answers with what callers are to be refused with from now on, of servers whose breakers have just opened. */
export function take(rooms: IntakeRooms, receipts: readonly Receipt[], now: number): readonly Failure[] {
  rooms.checkpoint.touch(now);
  const suspects = new Map<string, string>();
  const changed = new Set<string>();
  const known = receipts.filter(({ server }) => rooms.servers.get(server) !== undefined);
  for (const receipt of known) {
    if (!receipt.wasRepeated) {
      rooms.receipts.add(receipt);
      rooms.judging.note(receipt.server, hasFailed(receipt), now);
    }
    if (speaksIll(receipt)) suspects.set(receipt.server, receipt.result);
    if (receipt.listChanged) changed.add(receipt.server);
  }
  for (const [server, code] of suspects) {
    const state = rooms.servers.get(server)?.state;
    if (state !== "ready" && state !== "degraded") continue;
    rooms.health.suspect(server, `A call failed with ${code}.`, now);
    rooms.visits.checkSoon(server);
  }
  for (const server of changed) rooms.visits.listChanged(server);
  const turned = [...rooms.breakers.hear(known, now)];
  for (const server of turned) rooms.health.breakerTurned(server, now);
  return turned.flatMap((server) => rooms.routes.refusal(server) ?? []);
}

function speaksIll({ result, status, saysNothing }: Receipt): boolean {
  return !saysNothing && suspicious.has(result) && (status === undefined || status >= 500);
}
