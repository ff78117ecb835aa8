/**
 * A breaker per replica, fed by receipts. Memory only: after a restart all are closed, and what still fails opens them
 * again within a few calls. While one is open its replica is in no lease; when its time is over one single lease of the
 * whole shard goes out as a probe. See docs/decisions/0015-breakers-and-places.md.
 */
import type { Receipt } from "../../core/contract/call.ts";
import type { Failure } from "../../core/contract/failure.ts";
import { closedBreaker, note, permit, usualRules, wordOf, type Breaker } from "../../core/policies/breaker.ts";
import { Recent } from "./recent.ts";

/** A probe that has said nothing for so long is given up, and the next call may try. */
const longestProbeMs = 10_000;
const mostReplicas = 50_000;

interface Named {
  readonly replica: string;
}

export type Gate<R extends Named> =
  | { readonly is: "open"; readonly replicas: readonly R[]; readonly probe?: true }
  | { readonly is: "shut"; readonly failure: Failure };

export class Breakers {
  readonly #breakers = new Recent<Breaker>(mostReplicas);
  /** Those that are not closed, by server and replica, with what the last failure was: mostly none. */
  readonly #notClosed = new Map<string, Map<string, string>>();
  #turned: (server: string, replica: string, isOpen: boolean) => void = () => undefined;

  /** Called when a breaker opens, and when it is closed again. */
  onTurn(turned: (server: string, replica: string, isOpen: boolean) => void): void {
    this.#turned = turned;
  }

  /** Takes what became of calls; tells which servers have a breaker that changed. */
  hear(receipts: readonly Receipt[], now: number): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const { server, replica, result, status, probe, saysNothing } of receipts) {
      if (saysNothing && !probe) continue;
      const name = nameOf(server, replica);
      const before = this.#breakers.get(name) ?? closedBreaker(now);
      const word = saysNothing ? "nothing" : wordOf(result, status);
      const after = note(before, { word, isProbe: probe === true }, now, Math.random(), usualRules);
      this.#breakers.set(name, after);
      if (after.is === "closed") this.#close(server, replica);
      else if (word === "ill") this.#open(server, replica, result);
      if (after.is !== before.is) changed.add(server);
    }
    return changed;
  }

  /** Which replicas a call may go to. A renewal ahead of need is no call, and cannot be the probe. */
  gate<R extends Named>(server: string, replicas: readonly R[], ahead: boolean, now: number): Gate<R> {
    const broken = this.#notClosed.get(server);
    if (broken === undefined || broken.size === 0 || replicas.length === 0) return { is: "open", replicas };
    const well = replicas.filter(({ replica }) => !broken.has(replica));
    for (const one of replicas) {
      if (ahead || !broken.has(one.replica)) continue;
      const name = nameOf(server, one.replica);
      const asked = permit(this.#breakers.get(name) ?? closedBreaker(now), now, now + longestProbeMs);
      if (asked.permit.is !== "probe") continue;
      this.#breakers.set(name, asked.breaker);
      return { is: "open", replicas: [one, ...well], probe: true };
    }
    if (well.length > 0) return { is: "open", replicas: well };
    return { is: "shut", failure: this.#refusal(server, replicas, now) };
  }

  /** Without taking the probe: the failure, when no call could go to any of these now. */
  refusal(server: string, replicas: readonly Named[], now: number): Failure | undefined {
    const broken = this.#notClosed.get(server);
    if (broken === undefined || broken.size === 0 || replicas.length === 0) return undefined;
    const mayGo = ({ replica }: Named): boolean => this.#waitMs(server, replica, now) === 0;
    return replicas.some(mayGo) ? undefined : this.#refusal(server, replicas, now);
  }

  /** A sentence for operators, while a breaker of the server is not closed. */
  reasonOf(server: string): string | undefined {
    const [broken] = this.#notClosed.get(server) ?? [];
    if (broken === undefined) return undefined;
    return `${breakerWords} too many calls failed, lately with ${broken[1]}. One call at a time finds out whether it is well.`;
  }

  /** The server has been met anew: what went before says nothing of it. */
  forget(server: string): void {
    const replicas = [...(this.#notClosed.get(server)?.keys() ?? [])];
    this.#notClosed.delete(server);
    for (const replica of replicas) {
      this.#breakers.delete(nameOf(server, replica));
      this.#turned(server, replica, false);
    }
  }

  #refusal(server: string, replicas: readonly Named[], now: number): Failure {
    const waits = replicas.map(({ replica }) => this.#waitMs(server, replica, now));
    const since = replicas.flatMap(({ replica }) => this.#breakers.get(nameOf(server, replica)) ?? []);
    return {
      code: "breaker_open",
      server,
      execution: "not_executed",
      since: Math.min(now, ...since.map((breaker) => (breaker.is === "closed" ? now : breaker.since))),
      retryAfterMs: Math.max(1, Math.min(...waits)),
      ...evidenceOf(this.reasonOf(server)),
    };
  }

  #waitMs(server: string, replica: string, now: number): number {
    const breaker = this.#breakers.get(nameOf(server, replica)) ?? closedBreaker(now);
    const asked = permit(breaker, now, now + longestProbeMs);
    return asked.permit.is === "refuse" ? asked.permit.retryAfterMs : 0;
  }

  #open(server: string, replica: string, result: string): void {
    const broken = this.#notClosed.get(server) ?? new Map<string, string>();
    // The reason is a row: it says what opened the breaker, and not each failure since.
    const isKnown = broken.has(replica);
    if (!isKnown) broken.set(replica, result);
    this.#notClosed.set(server, broken);
    if (!isKnown) this.#turned(server, replica, true);
  }

  #close(server: string, replica: string): void {
    const broken = this.#notClosed.get(server);
    if (!broken?.delete(replica)) return;
    if (broken.size === 0) this.#notClosed.delete(server);
    this.#turned(server, replica, false);
  }
}

export const breakerWords = "Its breaker is open:";

function evidenceOf(evidence: string | undefined): { evidence?: string } {
  return evidence === undefined ? {} : { evidence };
}

function nameOf(server: string, replica: string): string {
  return `${server}\n${replica}`;
}
