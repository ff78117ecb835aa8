import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  closedBreaker,
  note,
  permit,
  usualRules as rules,
  wordOf,
  type Breaker,
  type Word,
} from "../../../core/policies/breaker.ts";

const start = 1_000_000;

function after(words: readonly Word[], stepMs = 1, from: Breaker = closedBreaker(start)): Breaker {
  return words.reduce<Breaker>(
    (breaker, word, n) => note(breaker, { word, isProbe: false }, start + n * stepMs, 0, rules),
    from,
  );
}

function many(word: Word, count: number): Word[] {
  return Array.from({ length: count }, () => word);
}

function notClosed(breaker: Breaker): Exclude<Breaker, { is: "closed" }> {
  if (breaker.is === "closed") throw new Error("it is closed");
  return breaker;
}

describe("a breaker opens", () => {
  it("when five calls in a row have failed, and not before", () => {
    expect(after(many("ill", 4)).is).toBe("closed");
    expect(after(many("ill", 5)).is).toBe("open");
    expect(after([...many("ill", 4), "well", ...many("ill", 4)]).is).toBe("closed");
  });

  it("when half of the latest twenty have failed, never four in a row", () => {
    const mixed = Array.from({ length: 10 }, (): Word[] => ["well", "ill"]).flat();
    expect(after(mixed.slice(0, 18)).is).toBe("closed");
    expect(after(mixed).is).toBe("open");
  });

  it("not for failures that lie further back than two windows", () => {
    const mixed = Array.from({ length: 30 }, (): Word[] => ["well", "ill"]).flat();
    expect(after(mixed, rules.windowMs).is).toBe("closed");
  });

  it("not for calls that say nothing of it, however many", () => {
    expect(after(many("nothing", 1_000)).is).toBe("closed");
    expect(after([...many("ill", 4), ...many("nothing", 50)]).is).toBe("closed");
    expect(after([...many("ill", 4), "nothing", "ill"]).is).toBe("open");
  });
});

describe("an open breaker", () => {
  it("refuses until its time is over, and says when that is", () => {
    const open = after(many("ill", 5));
    const asked = permit(open, start + 504, start + 10_000);
    expect(asked).toEqual({ breaker: open, permit: { is: "refuse", retryAfterMs: 500 } });
  });

  it("lets one of ten thousand through then, and one more only when that one has said nothing in its time", () => {
    let breaker = after(many("ill", 5));
    const ask = (now: number): string => {
      const asked = permit(breaker, now, now + 5_000);
      ({ breaker } = asked);
      return asked.permit.is;
    };
    const due = start + 2_000;
    const asked = Array.from({ length: 10_000 }, (_, n) => ask(due + n / 10));
    expect(asked.filter((is) => is !== "refuse")).toEqual(["probe"]);
    expect([ask(due + 4_999), ask(due + 5_000), ask(due + 5_000)]).toEqual(["refuse", "probe", "refuse"]);
  });

  it("closes when its probe went well, and passes over late words of other calls", () => {
    const { breaker } = permit(after(many("ill", 5)), start + 2_000, start + 9_000);
    const late = note(breaker, { word: "well", isProbe: false }, start + 2_001, 0, rules);
    expect(late).toBe(breaker);
    expect(note(breaker, { word: "well", isProbe: true }, start + 2_002, 0, rules).is).toBe("closed");
  });

  it("stays open twice as long after each probe that failed, ten seconds at most, since the same instant", () => {
    let breaker = after(many("ill", 5));
    const since = start + 4;
    let now = start;
    const lasted: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      const { from, until } = notClosed(breaker);
      expect(notClosed(breaker).since).toBe(since);
      lasted.push(until - from);
      now = until;
      breaker = note(permit(breaker, now, now + 1).breaker, { word: "ill", isProbe: true }, now, 1, rules);
    }
    expect(lasted).toEqual([1_000, 2_400, 4_800, 9_600, 9_600, 9_600, 9_600, 9_600]);
  });

  it("tries another probe at once after one that said nothing", () => {
    const { breaker } = permit(after(many("ill", 5)), start + 2_000, start + 9_000);
    const next = note(breaker, { word: "nothing", isProbe: true }, start + 2_001, 0, rules);
    expect(permit(next, start + 2_001, start + 9_000).permit.is).toBe("probe");
  });

  it("does not wait for hours when the clock is set back by hours", () => {
    expect(permit(after(many("ill", 5)), start - 3_600_000, start).permit.is).toBe("probe");
  });
});

it("never has two probes out at once, and never lets a call pass unless it is closed, whatever happens", () => {
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 3_000 }),
    word: fc.constantFrom<Word>("well", "ill", "nothing"),
    answers: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, random01) => {
      let breaker = closedBreaker(start);
      let now = start;
      let probeUntil = 0;
      for (const { waitMs, word, answers } of steps) {
        now += waitMs;
        const was = breaker.is;
        const asked = permit(breaker, now, now + 4_000);
        ({ breaker } = asked);
        const { is } = asked.permit;
        expect(is === "pass").toBe(was === "closed");
        expect(is !== "probe" || now >= probeUntil).toBe(true);
        if (is === "probe") probeUntil = now + 4_000;
        const isProbe = now < probeUntil;
        if (is !== "refuse" && answers) {
          breaker = note(breaker, { word, isProbe }, now, random01, rules);
          if (isProbe) probeUntil = 0;
        }
      }
    }),
  );
});

it("always lets a call through again within ten seconds, so a server that is back is found", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<Word>("ill", "well"), { maxLength: 100 }), (words) => {
      let breaker = closedBreaker(start);
      let now = start;
      for (const word of words) {
        now += 10;
        const asked = permit(breaker, now, now + 1_000);
        breaker = note(asked.breaker, { word, isProbe: asked.permit.is === "probe" }, now, 1, rules);
      }
      expect(permit(breaker, now + 10_000, now + 11_000).permit.is).not.toBe("refuse");
    }),
  );
});

it.each([
  ["ok", undefined, "well"],
  ["tool_error", undefined, "well"],
  ["server_error", undefined, "well"],
  ["server_busy", undefined, "well"],
  ["server_refused_credential", undefined, "well"],
  ["session_lost", undefined, "well"],
  ["answer_too_large", undefined, "well"],
  ["interaction_required", undefined, "well"],
  ["server_status", 404, "well"],
  ["server_status", 500, "ill"],
  ["server_status", 503, "ill"],
  ["server_timeout", undefined, "ill"],
  ["server_unreachable", undefined, "ill"],
  ["outcome_unknown", undefined, "ill"],
  ["answer_empty", undefined, "ill"],
  ["answer_html", undefined, "ill"],
  ["answer_not_json", undefined, "ill"],
  ["answer_truncated", undefined, "ill"],
  ["answer_wrong_id", undefined, "ill"],
  ["answer_invalid", undefined, "ill"],
])("takes %s (%s) for a word that its replica is %s", (result, status, word) => {
  expect(wordOf(result, status)).toBe(word);
});
