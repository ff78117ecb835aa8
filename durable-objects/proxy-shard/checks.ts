/**
 * Looks after servers that nobody has heard of lately: one small question each, fit for its era. Calls tell more, so a
 * server that has answered one needs none. A round about once a minute for all, on the one alarm; who does not answer
 * counts as degraded and is visited at once, which finds out the rest. Nothing is kept of it.
 */
import type { Outcome } from "../../core/contract/outcome.ts";
import type { ServerRecord } from "../../core/contract/server.ts";
import { wordOf } from "../../core/policies/breaker.ts";
import { exchange, type Answer } from "../../core/upstream/exchange.ts";
import { toConnection, type KeptConnection } from "./connections.ts";
import { checkEveryMs } from "./health.ts";
import { boundsOf, sealedShut } from "./introductions.ts";
import type { Receipts } from "./receipts.ts";
import type { VisitRooms, Visits } from "./visits.ts";

/** A check asks for next to nothing, so its answer should not take long. */
const patienceMs = 5_000;
const methods = { legacy: "ping", modern: "server/discover" } as const;

export interface CheckRooms extends VisitRooms {
  readonly receipts: Receipts;
  readonly visits: Visits;
}

export class Checks {
  readonly #rooms: CheckRooms;
  readonly #underWay = new Set<string>();

  constructor(rooms: CheckRooms) {
    this.#rooms = rooms;
  }

  /** What the alarm found due. The slots see to it that few are dialled at once. */
  round(now: number): void {
    const { servers, health, waitUntil } = this.#rooms;
    const callable = servers.all().filter(({ state }) => state === "ready" || state === "degraded");
    for (const { record } of callable) {
      // Its connector says whether it is there; a question would start one that starts only on call.
      if (record.kind === "connector") continue;
      if (this.#wasHeardOf(record.id, now) || this.#underWay.has(record.id)) continue;
      waitUntil(this.#check(record));
    }
    if (callable.length > 0) health.planChecks(now);
  }

  #wasHeardOf(id: string, now: number): boolean {
    const { receipts, catalogs } = this.#rooms;
    return now - Math.max(receipts.lastSuccessAt(id) ?? 0, catalogs.summary(id)?.seenAt ?? 0) < checkEveryMs / 2;
  }

  async #check(record: ServerRecord): Promise<void> {
    const { connections, introductions, slots, health, visits } = this.#rooms;
    const { id } = record;
    const kept = connections.get(id);
    if (kept === undefined) return visits.inBackground(id);
    this.#underWay.add(id);
    const answered = await slots.use(id, "upkeep", () => this.#ask(record, kept));
    this.#underWay.delete(id);
    // What has changed meanwhile is being looked at anyway.
    if (introductions.isOutdated(record) || connections.get(id)?.generation !== kept.generation || answered.ok) return;
    const { code } = answered.failure;
    const status = code === "server_status" ? answered.failure.status : undefined;
    if (wordOf(code, status) === "ill") health.suspect(id, `A health check failed with ${code}.`, Date.now());
    // An answer, and be it that it knows no such method. That the session is lost or the credential is refused is another thing.
    if (code !== "server_error" && code !== "server_busy") visits.inBackground(id);
  }

  async #ask(record: ServerRecord, kept: KeptConnection): Promise<Outcome<Answer>> {
    const headers = await this.#rooms.credentials.open(record);
    if (headers === undefined) return sealedShut(record.id);
    const { generation: _ours, ...connection } = toConnection(kept, headers);
    const { deadlineAt, maxAnswerBytes } = boundsOf(record);
    const bounds = { deadlineAt: Math.min(deadlineAt, Date.now() + patienceMs), maxAnswerBytes };
    const question = { connection, server: record.id, method: methods[kept.era], paramsText: "{}", safe: true };
    return exchange(question, bounds, this.#rooms.networks);
  }
}
