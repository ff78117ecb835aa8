/**
 * Looks at what was counted and says what has gone wrong with it: calls that fail, limits that are used up, a shard that
 * is asked too much. Counts are in memory, a restart begins anew; what was told is a row (signals.ts). Looked at when
 * things are written anyway, and for as long as something is wrong.
 */
import type { AlertRule } from "../../core/contract/alert.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Keys } from "./keys.ts";
import type { LimitUse } from "./limit-use.ts";
import type { Schedule } from "./schedule.ts";
import type { Signals } from "./signals.ts";

const slotMs = 30_000;
const slots = 10;
const windowMinutes = (slotMs * slots) / 60_000;
/** Fewer calls than this say nothing about a share. */
const leastCalls = 20;
const lookAgainMs = 15_000;
/** Over less than this a rate is a guess. */
const leastSpanMs = 2_000;
const measured: readonly AlertRule[] = ["error_rate", "quota_near", "quota_reached", "shard_overloaded"];

interface Slot {
  calls: number;
  failures: number;
}

export interface JudgingRooms {
  readonly shard: number;
  readonly signals: Signals;
  readonly schedule: Schedule;
  readonly keys: Keys;
  readonly limitUse: LimitUse;
  readonly checkpoint: Checkpoint;
}

export class Judging {
  readonly #rooms: JudgingRooms;
  /** By server, then by number of the slot. */
  readonly #slots = new Map<string, Map<number, Slot>>();
  #load = { at: Date.now(), touches: 0 };

  constructor(rooms: JudgingRooms, now: number) {
    this.#rooms = rooms;
    if (this.#isAnythingWrong()) rooms.schedule.judgingBy(now + lookAgainMs);
  }

  note(server: string, hasFailed: boolean, now: number): void {
    const number = Math.floor(now / slotMs);
    const own = this.#slots.get(server) ?? new Map<number, Slot>();
    const slot = own.get(number) ?? { calls: 0, failures: 0 };
    slot.calls += 1;
    if (hasFailed) slot.failures += 1;
    this.#slots.set(server, own.set(number, slot));
  }

  /** What the alarm found due. */
  look(now: number): void {
    const { signals, schedule } = this.#rooms;
    this.#lookAtServers(now);
    this.#lookAtKeys(now);
    this.#lookAtLoad(now);
    signals.refresh(now);
    if (this.#isAnythingWrong()) schedule.judgingBy(now + lookAgainMs);
  }

  #lookAtServers(now: number): void {
    const first = Math.floor(now / slotMs) - slots;
    const { signals } = this.#rooms;
    for (const server of new Set([...this.#slots.keys(), ...signals.wrongOf("error_rate")])) {
      const own = this.#slots.get(server);
      for (const number of own?.keys() ?? []) if (number <= first) own?.delete(number);
      if (own?.size === 0) this.#slots.delete(server);
      const { calls, failures } = sumOf(own?.values() ?? []);
      const percent = calls === 0 ? 0 : (100 * failures) / calls;
      const reason = `${failures} of ${calls} calls failed within ${windowMinutes} minutes.`;
      const isKnownWrong = signals.isWrong("error_rate", server);
      const isEnough = calls >= leastCalls || (isKnownWrong && failures > 0);
      this.#say("error_rate", server, isEnough && percent >= signals.threshold("error_rate"), reason, now);
    }
  }

  #lookAtKeys(now: number): void {
    const { signals, limitUse, keys } = this.#rooms;
    const shares = limitUse.take();
    for (const rule of ["quota_near", "quota_reached"] as const) {
      for (const subject of new Set([...shares.keys(), ...signals.wrongOf(rule)])) {
        const percent = Math.floor(100 * (shares.get(subject) ?? 0));
        const [keyId = subject, server] = subject.split("/");
        const limit = server === undefined ? "its limit" : `its limit on "${server}"`;
        const reason = `The key "${keys.get(keyId)?.name ?? keyId}" has used ${percent} % of ${limit}.`;
        this.#say(rule, subject, percent >= signals.threshold(rule), reason, now);
      }
    }
  }

  #lookAtLoad(now: number): void {
    const { signals, checkpoint, shard } = this.#rooms;
    const spanMs = now - this.#load.at;
    if (spanMs < leastSpanMs) return;
    const perSecond = Math.round((1_000 * (checkpoint.touches - this.#load.touches)) / spanMs);
    this.#load = { at: now, touches: checkpoint.touches };
    const reason = `It is asked ${perSecond} times a second.`;
    this.#say("shard_overloaded", `shard:${shard}`, perSecond >= signals.threshold("shard_overloaded"), reason, now);
  }

  #say(rule: AlertRule, subject: string, isWrong: boolean, reason: string, now: number): void {
    const { signals } = this.#rooms;
    if (isWrong) signals.wrong(rule, subject, now, { reason });
    else if (signals.isWrong(rule, subject)) signals.right(rule, subject, now);
  }

  #isAnythingWrong(): boolean {
    return measured.some((rule) => this.#rooms.signals.wrongOf(rule).length > 0);
  }
}

function sumOf(slotsOfOne: Iterable<Slot>): Slot {
  const sum = { calls: 0, failures: 0 };
  for (const { calls, failures } of slotsOfOne) {
    sum.calls += calls;
    sum.failures += failures;
  }
  return sum;
}
