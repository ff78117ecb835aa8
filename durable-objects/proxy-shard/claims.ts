/**
 * Claims on idempotency keys, of the API keys that have their home here. Rows, written before the call is sent, kept for
 * 24 hours: a claim that a crash has left without an outcome says so, and its call never runs again. What a claim
 * holds is sealed by the Worker that made it. See docs/decisions/0014-idempotency-keys.md.
 */
import type { ClaimAsk, Claimed, ClaimName, ClaimRecord, Conclusion } from "../../core/contract/claim.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { ClaimRows } from "./claim-rows.ts";
import type { Neighbours } from "./neighbours.ts";
import type { Ownership } from "./ownership.ts";
import type { Schedule } from "./schedule.ts";

const lifeMs = 24 * 60 * 60 * 1_000;
/** A call may still be on its way back when its deadline is over. */
const graceMs = 5_000;
const askAgainMs = 1_000;
/** Of one API key. More is refused: to forget the oldest would break its promise. */
const mostClaims = 50_000;
const mostHeld = 67_108_864;
/** Of the whole object, which may have 10 GB. */
const mostStored = 4_294_967_296;
/** Sealed they are up to 1.5 MB each, and an RPC may carry 32 MiB. */
const batch = 16;
const handOnAgainMs = 60_000;

export interface ClaimRooms {
  readonly claimRows: ClaimRows;
  readonly ownership: Ownership;
  readonly neighbours: Neighbours;
  readonly schedule: Schedule;
}

export class Claims {
  readonly #rooms: ClaimRooms;
  #handingOn = false;

  constructor(rooms: ClaimRooms) {
    this.#rooms = rooms;
  }

  async claim(ask: ClaimAsk): Promise<Outcome<Claimed>> {
    const found = await this.#find(ask, ask.revision);
    if (!found.ok) return found;
    const { claimRows, schedule } = this.#rooms;
    const { owner, name, attempt, fingerprints, server, deadlineAt } = ask;
    // Nothing is waited for from here on, so two who come at once cannot both find the name free.
    const now = Date.now();
    const kept = claimRows.get(ask);
    if (kept && kept.endsAt > now) return judge(kept, ask, now);
    const { count, held } = claimRows.sumOf(owner);
    if (count >= mostClaims || held >= mostHeld || claimRows.stored > mostStored) {
      return failure({ code: "idempotency_full", retryAfterMs: Math.max(askAgainMs, claimRows.firstEnd(owner) - now) });
    }
    const endsAt = now + lifeMs;
    const [fingerprint = ""] = fingerprints;
    claimRows.put({ owner, name, attempt, fingerprint, server, deadlineAt, endsAt, sealed: null });
    schedule.sweepBy(endsAt);
    return success({ is: "yours" });
  }

  /** Late is better than never: a claim that was told to be unknown meanwhile is known from then on. */
  async conclude({ sealed, attempt, revision, ...name }: Conclusion): Promise<Outcome<void>> {
    const found = await this.#find(name, revision);
    if (!found.ok) return found;
    const { claimRows } = this.#rooms;
    const kept = claimRows.get(name);
    if (kept?.attempt !== attempt || kept.sealed !== null) return success(undefined);
    if (sealed === undefined) claimRows.drop(name);
    else {
      const fits = sealed !== null && claimRows.sumOf(name.owner).held + sealed.length <= mostHeld;
      claimRows.conclude(name, fits ? sealed : "");
    }
    return success(undefined);
  }

  async surrender(name: ClaimName, revision: number): Promise<Outcome<ClaimRecord | null>> {
    const { ownership, claimRows } = this.#rooms;
    // Who asks knows a map in which this is not the home; until we know it too, we might still take the claim here.
    const given = await ownership.claim(revision, () => !ownership.isHome(name.owner));
    return given.ok ? success(claimRows.get(name) ?? null) : given;
  }

  /** What is here already is newer. */
  take(claims: readonly ClaimRecord[]): void {
    const { claimRows, schedule } = this.#rooms;
    for (const claim of claims) {
      if (claimRows.get(claim)) continue;
      claimRows.put(claim);
      schedule.sweepBy(claim.endsAt);
    }
  }

  nextEndAt(): number {
    return this.#rooms.claimRows.firstEnd();
  }

  sweep(now: number): void {
    this.#rooms.claimRows.sweep(now);
  }

  /** To their new homes with the claims of API keys that have moved. What cannot be brought there now is tried again. */
  async handOn(): Promise<void> {
    if (this.#handingOn) return;
    this.#handingOn = true;
    const { claimRows, ownership, neighbours, schedule } = this.#rooms;
    for (const owner of claimRows.owners()) {
      let claims = ownership.isHome(owner) ? [] : claimRows.someOf(owner, batch);
      while (claims.length > 0) {
        const home = ownership.homeOf(owner);
        if (home === undefined || !(await neighbours.giveClaims(home, claims))) {
          schedule.sweepBy(Date.now() + handOnAgainMs);
          break;
        }
        // Should the key have come back meanwhile, what is here is the newer.
        if (ownership.isHome(owner)) break;
        for (const claim of claims) claimRows.drop(claim);
        claims = claimRows.someOf(owner, batch);
      }
    }
    this.#handingOn = false;
  }

  /** Makes sure that what is known of a name is here: after the fleet has changed, its old home may have it still. */
  async #find(name: ClaimName, revision: number): Promise<Outcome<void>> {
    const { ownership, claimRows, neighbours } = this.#rooms;
    const isHome = (): boolean => ownership.isHome(name.owner);
    const claimed = await ownership.claim(revision, isHome);
    if (!claimed.ok) return claimed;
    const before = ownership.previousHome(name.owner);
    if (before === undefined || claimRows.get(name)) return success(undefined);
    const found = await neighbours.surrenderClaim(before, name, ownership.map.revision);
    if (!found.ok) return found;
    if (!isHome()) return ownership.moved();
    if (found.value) this.take([found.value]);
    return success(undefined);
  }
}

function judge(kept: ClaimRecord, ask: ClaimAsk, now: number): Outcome<Claimed> {
  const { server, sealed, deadlineAt } = kept;
  if (!ask.fingerprints.includes(kept.fingerprint)) return failure({ code: "idempotency_key_reused" });
  if (sealed === "") return failure({ code: "idempotency_answer_lost", server });
  if (sealed !== null) return success({ is: "told", sealed });
  if (now < deadlineAt + graceMs) return failure({ code: "idempotency_in_flight", retryAfterMs: askAgainMs });
  const evidence = "the first call with this Idempotency-Key was begun, and how it ended was never told";
  return failure({ code: "outcome_unknown", server, execution: "unknown", evidence });
}
