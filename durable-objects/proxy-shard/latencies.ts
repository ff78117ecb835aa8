/** How long calls took, in a fixed number of steps that grow by a fifth each: a percentile is right to within one step. */
const growth = 1.2;
const steps = 72;
const perLog = 1 / Math.log(growth);

export class Latencies {
  readonly #counts: number[];

  constructor(counts: readonly number[] = []) {
    this.#counts = Array.from({ length: steps }, (_, step) => counts[step] ?? 0);
  }

  add(latencyMs: number): void {
    const step = latencyMs <= 1 ? 0 : Math.ceil(Math.log(latencyMs) * perLog);
    const at = Math.min(step, steps - 1);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  addAll(other: Latencies): void {
    for (const [step, count] of other.#counts.entries()) this.#counts[step] = (this.#counts[step] ?? 0) + count;
  }

  /** The upper edge of the step that holds the call at this share of all; 0 without calls. */
  percentile(share: number): number {
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    let left = Math.ceil(total * share);
    if (left === 0) return 0;
    for (const [step, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return Math.round(growth ** step);
    }
    return Math.round(growth ** (steps - 1));
  }

  counts(): readonly number[] {
    return this.#counts;
  }
}
