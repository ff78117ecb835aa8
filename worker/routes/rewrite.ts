import type { Outcome } from "../../core/contract/outcome.ts";

const rounds = 3;

/** Two operators at once: the later change is made again from what the earlier one left, instead of undoing it. */
export async function rewrite<T, R>(
  find: () => Promise<Outcome<T>>,
  change: (seen: T) => Promise<Outcome<R>>,
): Promise<Outcome<R>> {
  for (let round = 1; ; round += 1) {
    const seen = await find();
    if (!seen.ok) return seen;
    const changed = await change(seen.value);
    if (changed.ok || changed.failure.code !== "conflict" || round === rounds) return changed;
  }
}
