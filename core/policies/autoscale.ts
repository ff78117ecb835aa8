/**
 * How many shards a fleet should have, from what its shards carry. Up soon, down late, and never back and forth: to
 * shrink it must fit with room to spare, and after each change the next one waits. It recommends; whether anything
 * is done is the asker's to say (`dryRun`), and each recommendation says why.
 */
export interface AutoscaleRules {
  /** What one shard should carry at most: servers, and its share of one object's capacity, 0 to 1. */
  readonly targetServers: number;
  readonly targetLoad: number;
  readonly floor: number;
  readonly ceiling: number;
  /** To shrink, what there is must fit into this share of the targets. */
  readonly slack: number;
  readonly growAfterMs: number;
  readonly shrinkAfterMs: number;
  readonly dryRun: boolean;
}

export const usualAutoscaleRules: AutoscaleRules = {
  targetServers: 2_000,
  targetLoad: 0.5,
  floor: 1,
  ceiling: 64,
  slack: 0.7,
  growAfterMs: 60_000,
  shrinkAfterMs: 900_000,
  dryRun: true,
};

export interface ShardLoad {
  readonly servers: number;
  /** Share of what one object can do that it does, 0 to 1; above that it falls behind. */
  readonly load: number;
}

export interface Recommendation {
  readonly shards: number;
  /** Whether this is to be done, not only shown. */
  readonly isOrder: boolean;
  readonly reason: string;
}

export function recommend(
  shards: readonly ShardLoad[],
  lastChangeAt: number,
  now: number,
  rules: AutoscaleRules,
): Recommendation {
  const current = shards.length;
  const servers = shards.reduce((sum, shard) => sum + shard.servers, 0);
  const load = shards.reduce((sum, shard) => sum + shard.load, 0);
  const needed = bounded(neededFor(servers, load, 1, rules), rules);
  const quietMs = now - lastChangeAt;
  const stay = (reason: string): Recommendation => ({ shards: current, isOrder: false, reason });
  const change = (to: number, reason: string): Recommendation => ({ shards: to, isOrder: !rules.dryRun, reason });
  const carried = `${servers} servers and a load of ${load.toFixed(2)}`;
  if (current < rules.floor) return change(rules.floor, `At least ${rules.floor} shards are wanted.`);
  if (current > rules.ceiling) return change(rules.ceiling, `At most ${rules.ceiling} shards are wanted.`);
  if (needed > current) {
    if (quietMs < rules.growAfterMs) return stay(`${carried} want ${needed} shards; the last change was too recent.`);
    // Twice as many at most: what has just begun may be a moment's.
    return change(Math.min(needed, current * 2), `${carried} want ${needed} shards.`);
  }
  const roomy = bounded(neededFor(servers, load, rules.slack, rules), rules);
  if (roomy >= current) return stay(`${carried} fit ${current} shards.`);
  if (quietMs < rules.shrinkAfterMs)
    return stay(`${carried} would fit ${roomy} shards; the last change was too recent.`);
  return change(Math.max(roomy, Math.ceil(current / 2)), `${carried} fit ${roomy} shards with room to spare.`);
}

function neededFor(servers: number, load: number, share: number, rules: AutoscaleRules): number {
  // Sums of measured shares are a little off.
  const byLoad = Math.ceil(load / (rules.targetLoad * share) - 1e-9);
  return Math.max(1, Math.ceil(servers / (rules.targetServers * share) - 1e-9), byLoad);
}

function bounded(shards: number, { floor, ceiling }: AutoscaleRules): number {
  return Math.min(ceiling, Math.max(floor, shards));
}
