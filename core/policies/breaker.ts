/**
 * A breaker: lets calls through (closed), none (open), or one that finds out (half-open). It opens when too many calls
 * have failed in a row, or too large a share of the latest ones; each opening in a row lasts twice as long as the one
 * before. Pure: the clock and the dice are arguments. Whoever keeps one says what of it survives a restart.
 */
import type { FailureCode } from "../contract/failure.ts";

export interface BreakerRules {
  readonly inARow: number;
  /** Of the calls in the last one to two windows, this share, out of at least so many. */
  readonly share: number;
  readonly least: number;
  readonly windowMs: number;
  readonly openMs: number;
  readonly longestMs: number;
  /** Up to this share is added to how long it stays open, so that breakers do not probe in step. */
  readonly jitter: number;
}

export const usualRules: BreakerRules = {
  inARow: 5,
  share: 0.5,
  least: 20,
  windowMs: 10_000,
  openMs: 1_000,
  // With the jitter below ten seconds: that is how soon a replica that is back must be used again.
  longestMs: 8_000,
  jitter: 0.2,
};

interface Count {
  readonly calls: number;
  readonly failures: number;
}

interface Window extends Count {
  readonly from: number;
  /** Of the window before this one. */
  readonly before: Count;
}

export type Breaker =
  | { readonly is: "closed"; readonly inARow: number; readonly window: Window }
  | ({ readonly is: "open" } & NotClosed)
  /** The probe counts as lost when it has said nothing by `until`. */
  | ({ readonly is: "half_open" } & NotClosed);

interface NotClosed {
  /** When it first opened; it has not closed since. */
  readonly since: number;
  readonly from: number;
  readonly until: number;
  readonly openings: number;
}

/** What a call says of its replica. `nothing`: its caller left or gave it too little time. */
export type Word = "well" | "ill" | "nothing";

export type Permit =
  | { readonly is: "pass" }
  | { readonly is: "probe" }
  | { readonly is: "refuse"; readonly retryAfterMs: number };

const none: Count = { calls: 0, failures: 0 };
/** How soon to come back while a probe is out: it may end at any moment. */
const probedMs = 1_000;

/** Silence and nonsense count. A tool's own complaint does not, nor what a caller did wrong, nor a wish to be left alone. */
const ill: ReadonlySet<string> = new Set<FailureCode>([
  "outcome_unknown",
  "server_unreachable",
  "server_timeout",
  "answer_empty",
  "answer_html",
  "answer_not_json",
  "answer_truncated",
  "answer_wrong_id",
  "answer_invalid",
]);

/** `result` as in a receipt: `ok`, `tool_error` or a failure's code. */
export function wordOf(result: string, status?: number): Word {
  if (result === "server_status") return status === undefined || status >= 500 ? "ill" : "well";
  return ill.has(result) ? "ill" : "well";
}

export function closedBreaker(now: number): Breaker {
  return { is: "closed", inARow: 0, window: { from: now, ...none, before: none } };
}

/** May a call go out? One that may as a probe must end with `note(…, isProbe: true)` or by `probeUntil`. */
export function permit(breaker: Breaker, now: number, probeUntil: number): { breaker: Breaker; permit: Permit } {
  if (breaker.is === "closed") return { breaker, permit: { is: "pass" } };
  // Before `from` is it only when the clock was set back, and nobody shall wait for hours.
  if (now < breaker.until && now >= breaker.from) {
    const leftMs = breaker.until - now;
    const retryAfterMs = breaker.is === "open" ? leftMs : Math.min(leftMs, probedMs);
    return { breaker, permit: { is: "refuse", retryAfterMs } };
  }
  const { since, openings } = breaker;
  return { breaker: { is: "half_open", since, openings, from: now, until: probeUntil }, permit: { is: "probe" } };
}

export interface Note {
  readonly word: Word;
  readonly isProbe: boolean;
}

export function note(
  breaker: Breaker,
  { word, isProbe }: Note,
  now: number,
  random01: number,
  rules: BreakerRules,
): Breaker {
  if (breaker.is === "closed") return word === "nothing" ? breaker : count(breaker, word, now, random01, rules);
  // Calls from before the opening come in late; only the probe has a say.
  if (breaker.is === "open" || !isProbe) return breaker;
  if (word === "well") return closedBreaker(now);
  // A probe that found out nothing: the next one may try at once.
  if (word === "nothing") return { ...breaker, is: "open", from: now, until: now };
  return opened(breaker.openings + 1, breaker.since, now, random01, rules);
}

function count(
  { inARow, window }: Extract<Breaker, { is: "closed" }>,
  word: "well" | "ill",
  now: number,
  random01: number,
  rules: BreakerRules,
): Breaker {
  const current = turned(window, now, rules.windowMs);
  const failed = word === "ill" ? 1 : 0;
  const next: Window = { ...current, calls: current.calls + 1, failures: current.failures + failed };
  const row = failed === 1 ? inARow + 1 : 0;
  const calls = next.calls + next.before.calls;
  const failures = next.failures + next.before.failures;
  const isTooMuch = row >= rules.inARow || (calls >= rules.least && failures >= rules.share * calls);
  // Only a failure opens it: one that succeeds is no reason, whatever went before.
  if (failed === 1 && isTooMuch) return opened(1, now, now, random01, rules);
  return { is: "closed", inARow: row, window: next };
}

function turned(window: Window, now: number, windowMs: number): Window {
  const age = now - window.from;
  if (age >= 0 && age < windowMs) return window;
  // A clock that was set back begins anew, too.
  const before = age >= windowMs && age < 2 * windowMs ? { calls: window.calls, failures: window.failures } : none;
  return { from: now, ...none, before };
}

function opened(openings: number, since: number, now: number, random01: number, rules: BreakerRules): Breaker {
  const plainMs = Math.min(rules.longestMs, rules.openMs * 2 ** Math.min(openings - 1, 30));
  return { is: "open", since, openings, from: now, until: now + Math.round(plainMs * (1 + rules.jitter * random01)) };
}
