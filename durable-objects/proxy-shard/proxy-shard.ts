/**
 * A shard: the data plane's memory for a share of servers and keys. A switchboard only; rooms.ts joins the rooms.
 * Rows (schema.ts) survive a restart; what the hot path counts, the alarm writes (checkpoint.ts).
 */
import type { Connection, Receipt } from "../../core/contract/call.ts";
import type { CatalogEntry, ListedTool, ToolQuery } from "../../core/contract/catalog.ts";
import type { Conversation } from "../../core/contract/conversation.ts";
import type { ConnectedConnector, ConnectorRpc } from "../../core/contract/connector.ts";
import type { Failure } from "../../core/contract/failure.ts";
import type { KeyRecord } from "../../core/contract/key.ts";
import type { Admission, AdmitAsk, Route, RouteAsk } from "../../core/contract/leases.ts";
import type { Limit } from "../../core/contract/limit.ts";
import type { Outcome } from "../../core/contract/outcome.ts";
import type { ServerHealth, ServerRecord } from "../../core/contract/server.ts";
import type { ShardMap } from "../../core/contract/shard-map.ts";
import type {
  BucketState,
  ProxyShardRpc,
  ServerDetails,
  ServerParcel,
  ShardStatus,
} from "../../core/contract/shard-rpc.ts";
import { applyMigrations } from "../migrations.ts";
import { ring } from "./alarm.ts";
import type { EntrySort } from "./catalog.ts";
import { openDoor } from "./connectors/door.ts";
import { ConversingShard } from "./conversing-shard.ts";
import { take } from "./intake.ts";
import { shardNumber } from "./ownership.ts";
import { statusOf } from "./report.ts";
import { openRooms, type Rooms, type ShardEnv } from "./rooms.ts";
import { steps } from "./schema.ts";

export class ProxyShard extends ConversingShard implements ProxyShardRpc, ConnectorRpc {
  protected override readonly called = (): Rooms => this.#called();
  readonly #rooms: Rooms;
  readonly #startedAt = Date.now();
  #objectCalls = 0;

  constructor(ctx: DurableObjectState, env: ShardEnv) {
    super(ctx, env);
    ctx.storage.transactionSync(() => applyMigrations(ctx.storage.sql, steps));
    this.#rooms = openRooms(ctx, env, shardNumber(ctx.id.name));
  }

  admit(ask: AdmitAsk): Promise<Outcome<Admission>> {
    const { admissions, checkpoint } = this.#called();
    checkpoint.touch(Date.now());
    return admissions.admit(ask);
  }

  route(ask: RouteAsk): Promise<Outcome<Route>> {
    const { routes, checkpoint } = this.#called();
    checkpoint.touch(Date.now());
    return routes.route(ask);
  }

  reconnect(
    server: string,
    replica: string,
    generation: number,
    conversation?: Conversation,
  ): Promise<Outcome<Connection>> {
    return this.#called().routes.reconnect(server, replica, generation, conversation);
  }

  async settle(receipts: readonly Receipt[]): Promise<readonly Failure[]> {
    return take(this.#called(), receipts, Date.now());
  }

  tools(query: ToolQuery): Promise<Outcome<readonly ListedTool[]>> {
    return this.#called().offers.tools(query);
  }

  serversWithTool(tool: string): Promise<readonly string[]> {
    return this.#called().offers.serversWithTool(tool);
  }

  toolDefinition(server: string, tool: string): Promise<Outcome<string>> {
    return this.#called().offers.toolDefinition(server, tool);
  }

  entries(server: string, what: EntrySort): Promise<Outcome<readonly CatalogEntry[]>> {
    return this.#called().offers.entries(server, what);
  }

  health(servers?: readonly string[]): Promise<readonly ServerHealth[]> {
    return this.#called().offers.health(servers);
  }

  details(server: string): Promise<Outcome<ServerDetails>> {
    return this.#called().offers.details(server);
  }

  async status(): Promise<ShardStatus> {
    const rooms = this.#called();
    await rooms.offers.arrive();
    return statusOf(rooms, this.#startedAt, this.#objectCalls);
  }

  check(server: string): Promise<Outcome<ServerHealth>> {
    return this.#called().offers.check(server);
  }

  whenSettled(server: string, timeoutMs: number): Promise<Outcome<ServerHealth>> {
    return this.#called().offers.whenSettled(server, timeoutMs);
  }

  async publish(map: ShardMap, defaultLimit: Limit | null): Promise<void> {
    this.#called().ownership.publish(map, defaultLimit);
  }

  async map(): Promise<ShardMap> {
    const { ownership, offers } = this.#called();
    await offers.arrive();
    return ownership.map;
  }

  async own(records: readonly ServerRecord[]): Promise<void> {
    this.#called().custody.own(records);
  }

  async disown(servers: readonly string[]): Promise<void> {
    this.#called().custody.disown(servers);
  }

  async handOver(servers: readonly string[]): Promise<readonly ServerParcel[]> {
    return this.#called().custody.handOver(servers);
  }

  async takeOver(parcels: readonly ServerParcel[]): Promise<void> {
    this.#called().custody.takeOver(parcels);
  }

  async updateKey(record: KeyRecord): Promise<void> {
    this.#called().keys.update(record);
  }

  async forgetKey(keyId: string): Promise<void> {
    this.#called().keys.forget(keyId);
  }

  async surrenderKey(keyId: string): Promise<readonly BucketState[]> {
    return this.#called().admissions.surrender(keyId);
  }

  async lastUsed(keyIds: readonly string[]): Promise<Readonly<Record<string, number>>> {
    return this.#called().keys.lastUsed(keyIds);
  }

  async connectors(): Promise<readonly ConnectedConnector[]> {
    return this.#called().connectorSockets.report();
  }

  override fetch(request: Request): Promise<Response> {
    return openDoor(this.#called(), request);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    this.#called().reception.hear(socket, message);
  }

  override async webSocketClose(socket: WebSocket, code: number, reason: string): Promise<void> {
    this.#called().reception.gone(socket, reason || `closed with ${code}`);
    // Without an answer workerd keeps the connection, and does not end on SIGTERM.
    socket.close(1000, "seen");
  }

  override async webSocketError(socket: WebSocket, error: unknown): Promise<void> {
    this.#called().reception.gone(socket, String(error));
  }

  override async alarm(): Promise<void> {
    ring(this.#rooms, Date.now());
  }

  #called(): Rooms {
    this.#objectCalls += 1;
    this.#rooms.schedule.wake();
    return this.#rooms;
  }
}
