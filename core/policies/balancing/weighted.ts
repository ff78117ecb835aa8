/**
 * At random, twice the weight twice as often: each draws a number that is smaller the heavier it is, smallest first
 * (Efraimidis and Spirakis, "Weighted random sampling with a reservoir").
 */
import type { Balancing } from "./candidate.ts";

export const weighted: Balancing = (candidates, { random01 }) =>
  candidates
    .map((candidate) => ({ candidate, drawn: -Math.log(1 - random01()) / candidate.weight }))
    .sort((a, b) => compare(a.drawn, b.drawn))
    .map(({ candidate }) => candidate);

/** Without weight: Infinity, or not a number. Last, both. */
function compare(one: number, other: number): number {
  const [a, b] = [Number.isNaN(one) ? Infinity : one, Number.isNaN(other) ? Infinity : other];
  return a === b ? 0 : a < b ? -1 : 1;
}
