/** How the tests of this room ask a server something. */
import type { Failure } from "../../../core/contract/failure.ts";
import type { Outcome } from "../../../core/contract/outcome.ts";
import { exchange, type Answer, type Bounds, type Exchange, type Link } from "../../../core/upstream/exchange.ts";

export const oneMiB = 1_048_576;

export function legacyLink(url: string, more: Partial<Link> = {}): Link {
  return {
    replica: "r1",
    url,
    kind: "http",
    era: "legacy",
    protocolVersion: "2025-11-25",
    headers: {},
    network: "private",
    ...more,
  };
}

export function modernLink(url: string, more: Partial<Link> = {}): Link {
  return legacyLink(url, { era: "modern", protocolVersion: "2026-07-28", ...more });
}

export function bounds(more: Partial<Bounds> & { readonly timeoutMs?: number } = {}): Bounds {
  const { timeoutMs = 5_000, ...rest } = more;
  return { deadlineAt: Date.now() + timeoutMs, maxAnswerBytes: oneMiB, ...rest };
}

export function toolCall(connection: Link, more: Partial<Exchange> = {}): Exchange {
  const paramsText = '{"name":"t","arguments":{}}';
  return { connection, server: "s1", method: "tools/call", name: "t", paramsText, safe: false, ...more };
}

export function call(connection: Link, more: Partial<Exchange> = {}, within = bounds()): Promise<Outcome<Answer>> {
  return exchange(toolCall(connection, more), within, {});
}

/** The failure of an outcome that must be one. */
export function failed(outcome: Outcome<unknown>): Failure {
  if (outcome.ok) throw new Error(`expected a failure, got ${JSON.stringify(outcome.value)}`);
  return outcome.failure;
}

/** The value of an outcome that must have one. */
export function value<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`expected a value, got ${JSON.stringify(outcome.failure)}`);
  return outcome.value;
}
