/**
 * How each server is doing, and when to look again. States are rows, written on change only. What may vanish: how
 * often in a row a server has failed, so that retries begin anew after a restart, and when it is next due.
 */
import type { Failure } from "../../core/contract/failure.ts";
import { backoffMs } from "../../core/policies/backoff.ts";
import { breakerWords, type Breakers } from "./breakers.ts";
import type { Catalogs } from "./catalog.ts";
import { reasonOf } from "./reason.ts";
import type { Schedule } from "./schedule.ts";
import type { Servers } from "./servers.ts";

const retry = { baseMs: 1_000, capMs: 10_000 };
const refresh = { usualMs: 300_000, leastMs: 10_000, mostMs: 3_600_000 };
/** How often a server is asked whether it is there, when nobody calls it. */
export const checkEveryMs = 60_000;
/** Servers that were listed together are not refreshed together. */
const jitter = 0.2;

export class Health {
  readonly #servers: Servers;
  readonly #catalogs: Catalogs;
  readonly #schedule: Schedule;
  readonly #breakers: Breakers;
  readonly #failedInARow = new Map<string, number>();

  constructor(servers: Servers, catalogs: Catalogs, schedule: Schedule, breakers: Breakers) {
    this.#servers = servers;
    this.#catalogs = catalogs;
    this.#schedule = schedule;
    this.#breakers = breakers;
  }

  /** From rows to what is due: at start, and for servers that came from another shard. */
  plan(id: string, now: number): void {
    const state = this.#servers.get(id)?.state ?? "disabled";
    if (state === "disabled") this.#schedule.never(id);
    else if (state === "unknown") this.#schedule.at(id, now);
    else if (state === "down") this.#schedule.at(id, now + waitBefore(0));
    else {
      this.#schedule.at(id, Math.max(this.#refreshAt(id, now), now + Math.random() * refresh.leastMs));
      this.planChecks(now);
    }
  }

  ready(id: string, now: number): void {
    this.#failedInARow.delete(id);
    const before = this.#servers.get(id)?.state;
    if (before === "down" || before === "unknown") this.#breakers.forget(id);
    this.#callable(id, now);
    this.#schedule.at(id, this.#refreshAt(id, now));
    this.planChecks(now);
  }

  /** One that says it is busy is there: calls may still get through, so what was up stays usable. */
  down(id: string, failure: Failure, now: number): void {
    const wasDown = this.#servers.get(id)?.state === "down" || this.#catalogs.summary(id) === undefined;
    const state = failure.code === "server_busy" && !wasDown ? "degraded" : "down";
    this.#servers.turn(id, state, reasonOf(failure), now);
    this.#tryAgain(id, now);
  }

  /** It speaks to us, but what it offers could not be read. With nothing seen before there is nothing to go on with. */
  unlisted(id: string, failure: Failure, now: number): void {
    if (this.#catalogs.summary(id) === undefined) return this.down(id, failure, now);
    this.#servers.turn(id, "degraded", `What it offers could not be listed: ${reasonOf(failure)}`, now);
    this.#tryAgain(id, now);
  }

  /** A breaker of the server has opened or closed. That it can be spoken to is one thing, that its calls fail another. */
  breakerTurned(id: string, now: number): void {
    const server = this.#servers.get(id);
    const isOpen = this.#breakers.reasonOf(id) !== undefined;
    const saysOpen = server?.state === "degraded" && server.reason.startsWith(breakerWords);
    if (saysOpen ? !isOpen : isOpen && (server?.state === "ready" || server?.state === "degraded")) {
      this.#callable(id, now);
    }
  }

  /** Something has failed in a way that may be the server's: it counts as degraded until somebody has looked. */
  suspect(id: string, reason: string, now: number): void {
    if (this.#servers.get(id)?.state === "ready") this.#servers.turn(id, "degraded", reason, now);
  }

  /** The next round of checks; shards do not check in step. */
  planChecks(now: number): void {
    this.#schedule.checksBy(now + checkEveryMs * (1 - jitter * Math.random()));
  }

  /** Its connector says so, or there is none: no use asking again before a connector says otherwise. */
  absent(id: string, reason: string, now: number): void {
    this.#failedInARow.delete(id);
    this.#servers.turn(id, "down", reason, now);
    this.#schedule.never(id);
  }

  forget(id: string): void {
    this.#failedInARow.delete(id);
    this.#schedule.never(id);
  }

  #callable(id: string, now: number): void {
    const reason = this.#breakers.reasonOf(id);
    if (reason === undefined) this.#servers.turn(id, "ready", "", now);
    else this.#servers.turn(id, "degraded", reason, now);
  }

  #tryAgain(id: string, now: number): void {
    const failed = this.#failedInARow.get(id) ?? 0;
    this.#failedInARow.set(id, failed + 1);
    this.#schedule.at(id, now + waitBefore(failed));
  }

  #refreshAt(id: string, now: number): number {
    const summary = this.#catalogs.summary(id);
    if (summary === undefined) return now;
    const ttlMs = Math.min(Math.max(summary.ttlMs ?? refresh.usualMs, refresh.leastMs), refresh.mostMs);
    return summary.seenAt + ttlMs * (1 - jitter * Math.random());
  }
}

/** Full jitter may say "at once", which to a server that has just failed is too soon. */
function waitBefore(attempt: number): number {
  const { baseMs, capMs } = retry;
  return Math.min(baseMs / 2 + backoffMs(attempt, Math.random(), retry), capMs);
}
