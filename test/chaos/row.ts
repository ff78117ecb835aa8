/** What one fault did: a line of the table, and what it proves broken. */
import type { Lies } from "./executed.ts";
import type { Finished } from "./load.ts";

export interface Others {
  readonly calls: number;
  readonly failed: number;
  /** Of the other servers' calls while the fault lasted. */
  readonly p99Ms: number;
}

export interface Row {
  readonly fault: string;
  /** What callers saw, by sort of call; undefined where nobody called. */
  readonly saw: string;
  readonly others?: Others;
  readonly wrong: number;
  readonly twice: number;
  /** Acknowledged changes that are gone, or changes that were half made; undefined where nothing was changed. */
  readonly lost?: number;
  /** From the end of the fault until calls succeed again without exception. */
  readonly recoveredMs?: number;
  readonly broken: readonly string[];
  /** How the other servers' calls did while all was well. */
  readonly healthyMs: readonly number[];
}

/** "read: ok 40, server_timeout 12 · write: ok 39, outcome_unknown 13" */
export function countSaw(calls: readonly Finished[]): string {
  const sorts = (["read", "write"] as const).map((sort) => {
    return `${sort}: ${count(calls.filter((call) => call.sort === sort).map(({ saw }) => saw))}`;
  });
  return sorts.join(" · ");
}

/** "ok 40, server_timeout 12" */
export function count(saw: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const one of saw) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([one, times]) => `${one} ${times}`)
    .join(", ");
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function wordsOf({ wrong, twice, denied }: Lies): readonly string[] {
  return [
    ...told("answered wrongly", wrong),
    ...told("written twice", twice),
    ...told("said not to have run, but ran", denied),
  ];
}

/** How many, and the first as an example. */
export function told(what: string, cases: readonly string[]): readonly string[] {
  return cases.length === 0 ? [] : [`${what}: ${cases.length}, such as ${(cases[0] ?? "").slice(0, 300)}`];
}
