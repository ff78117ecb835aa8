/**
 * Which replicas to leave out because they fail much more often than the others of their server: what a breaker, which
 * knows one replica only, does not see. Never more than half of them: when all are bad, leaving them out helps nobody.
 */
export interface ReplicaCount {
  readonly replica: string;
  readonly calls: number;
  readonly failures: number;
}

export interface OutlierRules {
  /** With fewer calls a replica is not judged. */
  readonly leastCalls: number;
  /** By how much its share of failures exceeds that of all the others together. */
  readonly margin: number;
  readonly mostEjected: number;
}

export const usualOutlierRules: OutlierRules = { leastCalls: 20, margin: 0.3, mostEjected: 0.5 };

/** Names, the worst first. */
export function outliersAmong(
  counts: readonly ReplicaCount[],
  { leastCalls, margin, mostEjected }: OutlierRules = usualOutlierRules,
): string[] {
  const calls = counts.reduce((sum, one) => sum + one.calls, 0);
  const failures = counts.reduce((sum, one) => sum + one.failures, 0);
  const judged = counts.filter((one) => one.calls >= leastCalls && one.calls < calls);
  return judged
    .map((one) => ({
      replica: one.replica,
      excess: one.failures / one.calls - (failures - one.failures) / (calls - one.calls),
    }))
    .filter(({ excess }) => excess > margin)
    .sort((a, b) => b.excess - a.excess || (a.replica < b.replica ? -1 : 1))
    .slice(0, Math.floor(counts.length * mostEjected))
    .map(({ replica }) => replica);
}
