import { describe, expect, it } from "vitest";
import type { ToolFacts } from "../../../core/contract/call.ts";
import type { Execution, Failure, ServerFailure } from "../../../core/contract/failure.ts";
import { isSafeRequest, verdictOn, type Trouble, type Verdict } from "../../../core/policies/retry-safety.ts";

const write: ToolFacts = { name: "pay", paramHeaders: [], readOnly: false, idempotent: false };
const read: ToolFacts = { ...write, name: "look", readOnly: true };
const setter: ToolFacts = { ...write, name: "set", idempotent: true };

const details: Partial<Record<ServerFailure["code"], object>> = {
  server_down: { since: 1 },
  breaker_open: { since: 1, retryAfterMs: 500 },
  server_timeout: { timeoutMs: 1_000 },
  answer_too_large: { limitBytes: 1_024 },
  server_status: { status: 500 },
  server_busy: { retryAfterMs: 500 },
  server_refused_credential: { status: 401 },
  server_redirects: { location: "/elsewhere" },
  server_error: { rpcCode: -32603, rpcMessage: "no" },
  interaction_required: { asked: "elicitation" },
};

function failed(code: ServerFailure["code"], execution: Execution, more: object = {}): Failure {
  // A code with the members that its arm has.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { code, server: "bank", execution, ...details[code], ...more } as Failure;
}

function verdict(failure: Trouble["failure"], more: Partial<Trouble> = {}): Verdict {
  return verdictOn({
    failure,
    method: "tools/call",
    tool: write,
    trusted: true,
    phase: "dispatched",
    hasIdempotencyKey: false,
    replicasLeft: false,
    wasRepeated: false,
    hasBudget: true,
    isLate: false,
    hedging: false,
    ...more,
  });
}

type Row = readonly [code: ServerFailure["code"], write: Verdict, writeMore: Verdict, read: Verdict, readMore: Verdict];

/** Sent, and nothing proves whether it ran. A write: with no other replica, with one. Then the same for what is safe. */
const unknown: readonly Row[] = [
  ["server_down", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["server_disabled", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["breaker_open", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["server_timeout", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["outcome_unknown", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["server_unreachable", "outcome_unknown", "outcome_unknown", "retry", "next_replica"],
  ["answer_empty", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["answer_html", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["answer_not_json", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["answer_truncated", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["answer_wrong_id", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["answer_invalid", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["answer_too_large", "give_up", "give_up", "give_up", "give_up"],
  ["server_status", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["server_busy", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["server_refused_credential", "give_up", "give_up", "give_up", "give_up"],
  ["server_redirects", "give_up", "give_up", "give_up", "give_up"],
  ["session_lost", "outcome_unknown", "outcome_unknown", "give_up", "next_replica"],
  ["server_error", "give_up", "give_up", "give_up", "give_up"],
  ["interaction_required", "give_up", "give_up", "give_up", "give_up"],
];

/** Sent, and the answer itself proves that it did not run: write or not is all the same. */
const proven: readonly (readonly [code: ServerFailure["code"], alone: Verdict, more: Verdict, details?: object])[] = [
  ["session_lost", "retry", "retry"],
  ["server_error", "retry", "retry", { rpcCode: -32022 }],
  ["server_status", "retry", "retry", { status: 400 }],
  ["server_status", "retry", "retry", { status: 405 }],
  ["server_busy", "give_up", "next_replica"],
  ["server_down", "give_up", "next_replica"],
  ["breaker_open", "give_up", "next_replica"],
  ["server_error", "give_up", "give_up", { rpcCode: -32020 }],
  ["server_refused_credential", "give_up", "give_up"],
  ["server_disabled", "give_up", "give_up"],
];

/** Nothing was sent yet. */
const before: readonly (readonly [code: ServerFailure["code"], more: Verdict])[] = [
  ["server_down", "next_replica"],
  ["breaker_open", "next_replica"],
  ["server_busy", "next_replica"],
  ["server_timeout", "next_replica"],
  ["server_unreachable", "next_replica"],
  ["session_lost", "next_replica"],
  ["server_disabled", "give_up"],
  ["server_refused_credential", "give_up"],
];

describe("a call that was sent and failed with no proof", () => {
  for (const [code, alone, more, readAlone, readMore] of unknown) {
    it(`${code}: of a write ${alone}, with another replica ${more}; of a read ${readAlone}, ${readMore}`, () => {
      const failure = failed(code, "unknown");
      expect(verdict(failure)).toBe(alone);
      expect(verdict(failure, { replicasLeft: true })).toBe(more);
      for (const tool of [read, setter]) {
        expect(verdict(failure, { tool })).toBe(readAlone);
        expect(verdict(failure, { tool, replicasLeft: true })).toBe(readMore);
      }
      expect(verdict(failure, { method: "tools/list", tool: undefined, replicasLeft: true })).toBe(readMore);
    });
  }
});

for (const [code, alone, more, own] of proven) {
  it(`after proof that nothing ran, ${code} ${JSON.stringify(own ?? {})}: ${alone}, with another ${more}`, () => {
    const failure = failed(code, "not_executed", own);
    for (const tool of [write, read]) {
      expect(verdict(failure, { tool })).toBe(alone);
      expect(verdict(failure, { tool, replicasLeft: true })).toBe(more);
    }
  });
}

it.each(before)("before anything was sent, %s: with another replica %s", (code, more) => {
  const failure = failed(code, "not_executed");
  expect(verdict(failure, { phase: "before_dispatch", replicasLeft: true })).toBe(more);
  expect(verdict(failure, { phase: "before_dispatch" })).toBe("give_up");
});

it("hedges only reads, only when it is wanted, and only to another replica", () => {
  const slow = { code: "slow" } as const;
  const may: Partial<Trouble> = { tool: read, hedging: true, replicasLeft: true };
  expect(verdict(slow, may)).toBe("hedge");
  expect(verdict(slow, { ...may, tool: setter })).toBe("wait");
  expect(verdict(slow, { ...may, tool: write })).toBe("wait");
  expect(verdict(slow, { ...may, tool: undefined })).toBe("wait");
  expect(verdict(slow, { ...may, trusted: false })).toBe("wait");
  expect(verdict(slow, { ...may, hedging: false })).toBe("wait");
  expect(verdict(slow, { ...may, replicasLeft: false })).toBe("wait");
  expect(verdict(slow, { ...may, hasBudget: false })).toBe("wait");
  expect(verdict(slow, { ...may, method: "resources/read", tool: undefined })).toBe("hedge");
  expect(verdict(slow, { ...may, method: "initialize", tool: undefined })).toBe("wait");
});

/** Every combination there is. */
function* allTroubles(): Generator<Trouble> {
  const codes = unknown.map(([code]) => code);
  const both = [true, false];
  for (const code of codes) {
    for (const execution of ["unknown", "not_executed"] as const) {
      for (const phase of ["dispatched", "before_dispatch"] as const) {
        for (const tool of [write, read, setter, undefined]) {
          for (let bits = 0; bits < 128; bits += 1) {
            const bit = (n: number): boolean => both[(bits >> n) & 1] ?? false;
            yield {
              failure: failed(code, execution),
              method: "tools/call",
              tool,
              phase,
              trusted: bit(0),
              hasIdempotencyKey: bit(1),
              replicasLeft: bit(2),
              wasRepeated: bit(3),
              hasBudget: bit(4),
              isLate: bit(5),
              hedging: bit(6),
            };
          }
        }
      }
    }
  }
}

const goesOutAgain: ReadonlySet<Verdict> = new Set<Verdict>(["retry", "next_replica", "hedge"]);

it("never sends a write again without proof, in no combination of anything", () => {
  let looked = 0;
  for (const trouble of allTroubles()) {
    looked += 1;
    const { failure, phase, isLate, wasRepeated, hasBudget, replicasLeft } = trouble;
    const said = verdictOn(trouble);
    const isProven = phase === "before_dispatch" || ("execution" in failure && failure.execution === "not_executed");
    const again = goesOutAgain.has(said);
    const wrong =
      (again && !isProven && (!isSafeRequest(trouble) || !hasBudget)) ||
      (again && (isLate || (wasRepeated && phase === "dispatched"))) ||
      (said === "next_replica" && !replicasLeft) ||
      (said === "outcome_unknown" && isProven);
    expect(wrong ? trouble : "right").toBe("right");
  }
  expect(looked).toBe(unknown.length * 2 * 2 * 4 * 128);
});

it("thinks the same with an Idempotency-Key as without, since no server knows of it", () => {
  for (const trouble of allTroubles()) {
    const other = { ...trouble, hasIdempotencyKey: !trouble.hasIdempotencyKey };
    expect(verdictOn(trouble) === verdictOn(other) ? "right" : trouble).toBe("right");
  }
});

it("takes a method that it does not know for a write", () => {
  expect(isSafeRequest({ method: "tasks/cancel", trusted: true, tool: undefined })).toBe(false);
  expect(isSafeRequest({ method: "acme/fire", trusted: true, tool: read })).toBe(false);
  expect(isSafeRequest({ method: "tools/call", trusted: false, tool: read })).toBe(false);
});
