/** One after the other. */
import type { Balancing } from "./candidate.ts";

export const roundRobin: Balancing = (candidates, { turn }) => {
  const start = candidates.length === 0 ? 0 : turn % candidates.length;
  return [...candidates.slice(start), ...candidates.slice(0, start)];
};
