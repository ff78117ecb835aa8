/** Who owns what. A server belongs to its override, else to the shard that rendezvous hashing picks. */
export interface ShardMap {
  /** Counts up with every change; a shard or Worker with a smaller one is stale. */
  readonly revision: number;
  /** Numbers of the live shards, ascending: `shard:1` is 1. */
  readonly shards: readonly number[];
  /** Servers that do not live where the hash says, by id. */
  readonly overrides: Readonly<Record<string, number>>;
  /** The shards of the map before this one: where a key's bucket may still be. */
  readonly previousShards: readonly number[];
}
