/**
 * The control plane: the source of truth for servers, keys, toolsets, placement and who changed what. A switchboard
 * only; the rooms beside it do the work. Everything it acknowledges is a row (schema.ts) and survives a crash at any
 * moment; the one thing in memory is the queue of changes under way, and a change not acknowledged may be lost.
 */
import type {
  Actor,
  AuditEntry,
  FleetRpc,
  Page,
  PlacedServer,
  Resharding,
  ShardCount,
} from "../../core/contract/fleet-rpc.ts";
import type { KeyRecord } from "../../core/contract/key.ts";
import type { Limit } from "../../core/contract/limit.ts";
import type { Outcome } from "../../core/contract/outcome.ts";
import type { ServerRecord } from "../../core/contract/server.ts";
import type { ShardMap } from "../../core/contract/shard-map.ts";
import type { Toolset } from "../../core/contract/toolset.ts";
import { AlertingFleet, type FleetEnv } from "./alerting-fleet.ts";
import { Courier } from "./courier.ts";
import { Desk } from "./desk.ts";
import { createKey, findKey, replaceKey } from "./key-orders.ts";
import { pageSize } from "./page.ts";
import { countOf } from "./placement.ts";
import { openFleet } from "./schema.ts";
import { deleteServer, findServer, registerServers, replaceServer } from "./server-orders.ts";
import { shardLine } from "./shard-line.ts";
import { greetShards, setDefaultLimit, setShards } from "./shard-orders.ts";
import { createToolset, deleteToolset, findToolset, replaceToolset } from "./toolset-orders.ts";

export class Fleet extends AlertingFleet implements FleetRpc {
  protected override readonly desk: Desk;
  protected override readonly courier: Courier;

  constructor(ctx: DurableObjectState, env: FleetEnv) {
    super(ctx, env);
    const isNew = ctx.storage.transactionSync(() => openFleet(ctx.storage.sql, env.SHARD_COUNT));
    this.desk = new Desk(ctx.storage, shardLine(env.SHARD));
    this.courier = new Courier({
      alerting: this.desk.alerting,
      env,
      schedule: () => this.desk.publisher.schedule(),
      waitUntil: (work) => ctx.waitUntil(work),
    });
    if (isNew) ctx.waitUntil(greetShards(this.desk));
    // A revocation that was written and not told would hold only when the alarm rings.
    else if (this.desk.outbox.hasten(Date.now())) ctx.waitUntil(this.desk.payDebts());
  }

  async map(): Promise<ShardMap> {
    return this.desk.placement.map();
  }

  async defaultLimit(): Promise<Limit | null> {
    return this.desk.placement.defaultLimit();
  }

  async setDefaultLimit(limit: Limit | null, actor: Actor): Promise<void> {
    await setDefaultLimit(this.desk, limit, actor);
  }

  async registerServer(record: ServerRecord, actor: Actor): Promise<Outcome<PlacedServer>> {
    const placed = await registerServers(this.desk, [record], actor);
    return placed.ok ? findServer(this.desk, record.id) : placed;
  }

  async registerServers(records: readonly ServerRecord[], actor: Actor): Promise<Outcome<readonly PlacedServer[]>> {
    return registerServers(this.desk, records, actor);
  }

  async replaceServer(record: ServerRecord, actor: Actor, seen?: ServerRecord): Promise<Outcome<PlacedServer>> {
    return replaceServer(this.desk, record, actor, seen);
  }

  async deleteServer(id: string, actor: Actor): Promise<Outcome<PlacedServer>> {
    return deleteServer(this.desk, id, actor);
  }

  async server(id: string): Promise<Outcome<PlacedServer>> {
    return findServer(this.desk, id);
  }

  async servers(after: string, limit: number): Promise<Page<PlacedServer>> {
    return this.desk.servers.page(after, pageSize(limit));
  }

  async count(): Promise<ShardCount> {
    return countOf(this.desk.placement.map().shards, this.desk.servers.perShard());
  }

  async serversOf(shard: number): Promise<readonly ServerRecord[]> {
    return this.desk.servers.ofShard(shard);
  }

  async setShards(count: number, actor: Actor): Promise<Outcome<Resharding>> {
    return setShards(this.desk, count, actor);
  }

  async createKey(record: KeyRecord, actor: Actor): Promise<Outcome<KeyRecord>> {
    return createKey(this.desk, record, actor);
  }

  async replaceKey(record: KeyRecord, action: string, actor: Actor, seen?: KeyRecord): Promise<Outcome<KeyRecord>> {
    return replaceKey(this.desk, record, action, actor, seen);
  }

  async key(id: string): Promise<Outcome<KeyRecord>> {
    return findKey(this.desk, id);
  }

  async keys(after: string, limit: number): Promise<Page<KeyRecord>> {
    return this.desk.keys.page(after, pageSize(limit));
  }

  async createToolset(toolset: Toolset, actor: Actor): Promise<Outcome<Toolset>> {
    return createToolset(this.desk, toolset, actor);
  }

  async replaceToolset(toolset: Toolset, actor: Actor, seen?: Toolset): Promise<Outcome<Toolset>> {
    return replaceToolset(this.desk, toolset, actor, seen);
  }

  async deleteToolset(id: string, actor: Actor): Promise<Outcome<Toolset>> {
    return deleteToolset(this.desk, id, actor);
  }

  async toolset(id: string): Promise<Outcome<Toolset>> {
    return findToolset(this.desk, id);
  }

  async toolsets(after: string, limit: number): Promise<Page<Toolset>> {
    return this.desk.toolsets.page(after, pageSize(limit));
  }

  async audit(before: number, limit: number): Promise<readonly AuditEntry[]> {
    return this.desk.audit.page(before, pageSize(limit));
  }

  override async alarm(): Promise<void> {
    this.desk.tickAlerts();
    this.courier.dispatch();
    await this.desk.payDebts();
  }
}
