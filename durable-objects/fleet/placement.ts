/**
 * The one row that says how the fleet stands: shard list, map revision, default limit. Kept across restarts.
 * Which shard a server is on is the server's own row (servers.ts); the map is those rows, told as exceptions to the hash,
 * and kept ready-made here because Workers ask for it often and hashing every server each time would be dear.
 */
import type { ShardCount } from "../../core/contract/fleet-rpc.ts";
import type { Limit } from "../../core/contract/limit.ts";
import type { ShardMap } from "../../core/contract/shard-map.ts";
import { homeOf, overridesOf } from "../../core/policies/placement.ts";

interface FleetRow {
  readonly [column: string]: SqlStorageValue;
  readonly revision: number;
  readonly shards: string;
  readonly previous_shards: string;
  readonly overrides: string;
  readonly limit_per_minute: number | null;
  readonly limit_burst: number | null;
}

export class Placement {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  map(): ShardMap {
    const row = this.#row();
    const overrides: Record<string, number> = JSON.parse(row.overrides);
    return {
      revision: row.revision,
      shards: toNumbers(row.shards),
      overrides,
      previousShards: toNumbers(row.previous_shards),
    };
  }

  /** Where a key lives now, and where it lived under the shard list before this one. */
  homesOf(keyId: string): ReadonlySet<number> {
    const { shards, previousShards } = this.map();
    return new Set([shards, previousShards].filter((list) => list.length > 0).map((list) => homeOf(list, keyId)));
  }

  defaultLimit(): Limit | null {
    const { limit_per_minute: perMinute, limit_burst: burst } = this.#row();
    return perMinute === null || burst === null ? null : { perMinute, burst };
  }

  setDefaultLimit(limit: Limit | null): void {
    this.#sql.exec(
      "UPDATE fleet SET limit_per_minute = ?, limit_burst = ?",
      limit?.perMinute ?? null,
      limit?.burst ?? null,
    );
  }

  /**
   * Brings the map in line with who owns what. The revision counts up only when the map says something new: a server
   * placed where the hash says is in every map already. Answers which shards must be told; none when nothing is new.
   */
  settle(assignment: ReadonlyMap<string, number>, shards: readonly number[]): readonly number[] {
    const before = this.#row();
    const shardsText = JSON.stringify(shards);
    const overrides = inOrder(overridesOf(assignment, shards));
    if (shardsText === before.shards && overrides === before.overrides) return [];
    // A key's bucket stays with its old home until the new one asks, so the list before is kept until there is another.
    const previous = shardsText === before.shards ? before.previous_shards : before.shards;
    this.#sql.exec(
      "UPDATE fleet SET revision = revision + 1, shards = ?, previous_shards = ?, overrides = ?",
      shardsText,
      previous,
      overrides,
    );
    return [...new Set([...toNumbers(before.shards), ...shards])];
  }

  #row(): FleetRow {
    return this.#sql.exec<FleetRow>("SELECT * FROM fleet").one();
  }
}

/** Only this file writes the columns, so what they hold needs no second check. */
function toNumbers(text: string): number[] {
  const numbers: number[] = JSON.parse(text);
  return numbers;
}

/** Every live shard is counted, empty ones too. */
export function countOf(shards: readonly number[], perShard: ReadonlyMap<number, number>): ShardCount {
  const counts = shards.map((shard): [string, number] => [String(shard), perShard.get(shard) ?? 0]);
  return {
    shards,
    total: counts.reduce((sum, [, servers]) => sum + servers, 0),
    perShard: Object.fromEntries(counts),
  };
}

/** The same overrides are the same text, in whatever order they were found. */
function inOrder(overrides: Readonly<Record<string, number>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(overrides).sort(([a], [b]) => (a < b ? -1 : 1))));
}
