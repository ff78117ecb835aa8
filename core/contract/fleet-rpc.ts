/** What Fleet, the control plane, answers to. Off the hot path: everything here may be down while calls go on. */
import type { KeyRecord } from "./key.ts";
import type { Limit } from "./limit.ts";
import type { Outcome } from "./outcome.ts";
import type { ServerRecord } from "./server.ts";
import type { ShardMap } from "./shard-map.ts";
import type { Toolset } from "./toolset.ts";

/** Who did it, for the audit trail: the key's id, or `root` for the gateway's own admin key. */
export interface Actor {
  readonly keyId: string;
  readonly requestId: string;
}

export interface PlacedServer {
  readonly record: ServerRecord;
  readonly shard: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Pass as `after` for the next page; absent on the last. */
  readonly next?: string;
}

export interface AuditEntry {
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  readonly requestId: string;
  /** Such as `server.register`, `key.revoke`, `shards.set`. */
  readonly action: string;
  readonly target: string;
  /** What changed, as JSON; never a secret. */
  readonly detail: string;
}

export interface ShardCount {
  readonly shards: readonly number[];
  readonly total: number;
  readonly perShard: Readonly<Record<string, number>>;
}

export interface Resharding extends ShardCount {
  readonly moved: number;
}

export interface FleetRpc {
  map(): Promise<ShardMap>;
  defaultLimit(): Promise<Limit | null>;
  setDefaultLimit(limit: Limit | null, actor: Actor): Promise<void>;

  registerServer(record: ServerRecord, actor: Actor): Promise<Outcome<PlacedServer>>;
  /** All or nothing; the outcome's failure names the first id that exists. */
  registerServers(records: readonly ServerRecord[], actor: Actor): Promise<Outcome<readonly PlacedServer[]>>;
  /** `seen` is what the change was made from: when the record is no longer so, `conflict`. */
  replaceServer(record: ServerRecord, actor: Actor, seen?: ServerRecord): Promise<Outcome<PlacedServer>>;
  deleteServer(id: string, actor: Actor): Promise<Outcome<PlacedServer>>;
  server(id: string): Promise<Outcome<PlacedServer>>;
  servers(after: string, limit: number): Promise<Page<PlacedServer>>;
  count(): Promise<ShardCount>;
  /** Every server of one shard: what a shard that lost its disk asks for. */
  serversOf(shard: number): Promise<readonly ServerRecord[]>;

  setShards(count: number, actor: Actor): Promise<Outcome<Resharding>>;

  createKey(record: KeyRecord, actor: Actor): Promise<Outcome<KeyRecord>>;
  /** `seen` is what the change was made from: when the record is no longer so, `conflict`. A revoked key stays revoked. */
  replaceKey(record: KeyRecord, action: string, actor: Actor, seen?: KeyRecord): Promise<Outcome<KeyRecord>>;
  key(id: string): Promise<Outcome<KeyRecord>>;
  keys(after: string, limit: number): Promise<Page<KeyRecord>>;

  createToolset(toolset: Toolset, actor: Actor): Promise<Outcome<Toolset>>;
  /** `seen` is what the change was made from: when the toolset is no longer so, `conflict`. */
  replaceToolset(toolset: Toolset, actor: Actor, seen?: Toolset): Promise<Outcome<Toolset>>;
  /** One that a key uses is not deleted: `conflict`, naming the keys. */
  deleteToolset(id: string, actor: Actor): Promise<Outcome<Toolset>>;
  toolset(id: string): Promise<Outcome<Toolset>>;
  toolsets(after: string, limit: number): Promise<Page<Toolset>>;

  audit(before: number, limit: number): Promise<readonly AuditEntry[]>;
}
