/** Medians over rounds: one bad moment of the machine does not count. */
import type { Volley } from "./load.ts";

export interface Summary {
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly wrong: number;
}

export function medianOf(volleys: readonly Volley[]): Summary {
  const median = (pick: (volley: Volley) => number): number => {
    const sorted = volleys.map(pick).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  return {
    callsPerSecond: Math.round(median((volley) => volley.callsPerSecond)),
    p50Ms: round3(median((volley) => volley.p50Ms)),
    p99Ms: round3(median((volley) => volley.p99Ms)),
    wrong: volleys.reduce((sum, volley) => sum + volley.wrong, 0),
  };
}

export function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
