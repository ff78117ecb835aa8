/** How servers and the shard are doing, put together from the rooms that know. Reads only. */
import type { ServerHealth, ServerState } from "../../core/contract/server.ts";
import type { ServerDetails, ShardStatus } from "../../core/contract/shard-rpc.ts";
import type { Catalogs } from "./catalog.ts";
import type { Connections } from "./connections.ts";
import type { Keys } from "./keys.ts";
import type { Ownership } from "./ownership.ts";
import type { Parking } from "./parking.ts";
import type { Receipts } from "./receipts.ts";
import type { Server, Servers } from "./servers.ts";
import type { Store } from "./store.ts";

export interface ReportRooms {
  readonly store: Store;
  readonly ownership: Ownership;
  readonly keys: Keys;
  readonly servers: Servers;
  readonly connections: Connections;
  readonly catalogs: Catalogs;
  readonly receipts: Receipts;
}

export function healthOf(rooms: ReportRooms, { record, state, reason, since }: Server): ServerHealth {
  const { id } = record;
  const kept = rooms.connections.get(id);
  const summary = rooms.catalogs.summary(id);
  const lastSuccessAt = rooms.receipts.lastSuccessAt(id);
  const { calls, failures } = rooms.receipts.traffic(id);
  return {
    id,
    state,
    reason,
    since,
    ...(kept && {
      kind: kept.kind,
      era: kept.era,
      protocolVersion: kept.protocolVersion,
      negotiatedAt: kept.negotiatedAt,
      ...(kept.serverName === undefined ? {} : { serverName: kept.serverName }),
      ...(kept.serverVersion === undefined ? {} : { serverVersion: kept.serverVersion }),
    }),
    ...(lastSuccessAt === undefined ? {} : { lastSuccessAt }),
    ...(summary && { catalogAt: summary.seenAt }),
    ...(summary?.counts ?? { tools: 0, prompts: 0, resources: 0, templates: 0 }),
    calls,
    failures,
  };
}

export function detailsOf(rooms: ReportRooms, server: Server): ServerDetails {
  const { id } = server.record;
  const faults = rooms.catalogs.summary(id)?.faults ?? [];
  return { health: healthOf(rooms, server), traffic: rooms.receipts.traffic(id), faults };
}

type StatusRooms = ReportRooms & { readonly parking: Pick<Parking, "count"> };

export function statusOf(rooms: StatusRooms, startedAt: number, objectCalls: number): ShardStatus {
  const { store, ownership, keys, servers, catalogs, receipts } = rooms;
  const owned = servers.all().filter(({ record }) => ownership.owns(record.id));
  const states: Partial<Record<ServerState, number>> = {};
  for (const { state } of owned) states[state] = (states[state] ?? 0) + 1;
  const tools = owned.reduce((sum, { record }) => sum + (catalogs.summary(record.id)?.counts.tools ?? 0), 0);
  return {
    shard: ownership.shard,
    startedAt,
    revision: ownership.map.revision,
    servers: owned.length,
    states,
    tools,
    keys: keys.count(),
    traffic: receipts.total(),
    parkedCalls: rooms.parking.count,
    objectCalls,
    rowsWritten: store.rowsWritten,
  };
}
