/** What a ProxyShard answers to. The Worker and Fleet know a shard by this and by nothing else. */
import type { Connection, Receipt } from "./call.ts";
import type { CatalogEntry, ListedTool, ToolQuery } from "./catalog.ts";
import type { Conversation } from "./conversation.ts";
import type { Failure } from "./failure.ts";
import type { KeyRecord } from "./key.ts";
import type { Admission, AdmitAsk, Route, RouteAsk } from "./leases.ts";
import type { Limit } from "./limit.ts";
import type { Outcome } from "./outcome.ts";
import type { ServerHealth, ServerRecord, ServerState } from "./server.ts";
import type { ShardMap } from "./shard-map.ts";

/** A bucket in transit between two homes of a key: whole state of core/policies/token-bucket. */
export interface BucketState {
  readonly name: string;
  readonly level: number;
  readonly at: number;
  /** Leased tokens that may still be used, which keep their place in the bucket until they cannot. */
  readonly outstanding?: readonly { readonly lease?: string; readonly tokens: number; readonly endsAt: number }[];
}

/** A server on its way to a new owner: its rows, opaque to everyone but shards. */
export interface ServerParcel {
  readonly record: ServerRecord;
  readonly rows: string;
}

export interface Traffic {
  readonly calls: number;
  readonly failures: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}

export interface ShardStatus {
  readonly shard: number;
  readonly startedAt: number;
  readonly revision: number;
  readonly servers: number;
  readonly states: Readonly<Partial<Record<ServerState, number>>>;
  readonly tools: number;
  readonly keys: number;
  readonly traffic: Traffic;
  /** That wait here for a client's next round, or run until their first question. */
  readonly parkedCalls: number;
  /** RPC calls answered and rows written since `startedAt`. */
  readonly objectCalls: number;
  readonly rowsWritten: number;
}

export interface ServerDetails {
  readonly health: ServerHealth;
  readonly traffic: Traffic;
  readonly faults: readonly string[];
}

export interface ProxyShardRpc {
  // The hot path's leases, and what becomes of them.
  admit(ask: AdmitAsk): Promise<Outcome<Admission>>;
  route(ask: RouteAsk): Promise<Outcome<Route>>;
  /** Makes a new connection unless one newer than `generation` is there; single-flight. */
  reconnect(
    server: string,
    replica: string,
    generation: number,
    conversation?: Conversation,
  ): Promise<Outcome<Connection>>;
  /** Answers with what callers of some of these servers are to be refused with from now on: their breakers have opened. */
  settle(receipts: readonly Receipt[]): Promise<readonly Failure[]>;

  // What the servers offer and how they are.
  tools(query: ToolQuery): Promise<Outcome<readonly ListedTool[]>>;
  /** Servers (of this shard) that have a tool of this bare name. */
  serversWithTool(tool: string): Promise<readonly string[]>;
  toolDefinition(server: string, tool: string): Promise<Outcome<string>>;
  entries(server: string, what: "prompts" | "resources" | "templates"): Promise<Outcome<readonly CatalogEntry[]>>;
  health(servers?: readonly string[]): Promise<readonly ServerHealth[]>;
  details(server: string): Promise<Outcome<ServerDetails>>;
  status(): Promise<ShardStatus>;
  /** Negotiates and lists anew, now; answers when that is done or failed. */
  check(server: string): Promise<Outcome<ServerHealth>>;
  /** Waits until the server is ready, or its first attempt failed, or the time is over. */
  whenSettled(server: string, timeoutMs: number): Promise<Outcome<ServerHealth>>;

  // Orders from Fleet.
  publish(map: ShardMap, defaultLimit: Limit | null): Promise<void>;
  map(): Promise<ShardMap>;
  own(records: readonly ServerRecord[]): Promise<void>;
  disown(servers: readonly string[]): Promise<void>;
  handOver(servers: readonly string[]): Promise<readonly ServerParcel[]>;
  takeOver(parcels: readonly ServerParcel[]): Promise<void>;
  /** Replaces a key this shard already knows, revocation included; ignores others. */
  updateKey(record: KeyRecord): Promise<void>;
  forgetKey(keyId: string): Promise<void>;
  /** The key's buckets, emptied here for good: its new home carries on with them. */
  surrenderKey(keyId: string): Promise<readonly BucketState[]>;
  lastUsed(keyIds: readonly string[]): Promise<Readonly<Record<string, number>>>;
}
