/**
 * The better of two that were drawn: nearly as good as the best of all, and with many who choose at once not all of them
 * choose the same (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing").
 */
import type { Balancing, Candidate } from "./candidate.ts";

/** So that one of whom nothing is known is tried, and found out about. */
const unknownMs = 1;

export const powerOfTwo: Balancing = (candidates, { random01 }) => {
  const left = [...candidates];
  const order: Candidate[] = [];
  while (left.length > 0) {
    const first = Math.floor(random01() * left.length);
    const drawn = Math.floor(random01() * (left.length - 1));
    const second = drawn >= first ? drawn + 1 : drawn;
    const [one, other] = [left[first], left[second]];
    const better = one && other && costOf(other) < costOf(one) ? second : first;
    order.push(...left.splice(better, 1));
  }
  return order;
};

/** How long a call may be expected to take there, the calls before it included. */
function costOf({ latencyMs, inFlight, weight }: Candidate): number {
  return (Math.max(latencyMs, unknownMs) * (inFlight + 1)) / Math.max(weight, Number.MIN_VALUE);
}
