/** What a route lease is made of, once there is a connection: tokens, places, the replicas that calls may go to. */
import type { Connection, ToolFacts } from "../../core/contract/call.ts";
import { leaseLifeMs, type Route, type RouteAsk } from "../../core/contract/leases.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { AskingIsolates } from "./asking-isolates.ts";
import type { Breakers } from "./breakers.ts";
import type { Buckets } from "./buckets.ts";
import { toConnection, type Connections } from "./connections.ts";
import { serverBuckets } from "./parcels.ts";
import { rateLimited } from "./refusal.ts";
import type { Servers } from "./servers.ts";

export interface GrantRooms {
  readonly servers: Servers;
  readonly connections: Connections;
  readonly buckets: Buckets;
  readonly breakers: Breakers;
  readonly askingIsolates: AskingIsolates;
}

/** Synchronous: between the look at the bucket and the answer nothing else can happen. */
export function grant(
  { servers, connections, buckets, breakers, askingIsolates }: GrantRooms,
  ask: RouteAsk,
  connection: Connection,
  tool: ToolFacts | undefined,
): Outcome<Route> {
  const server = servers.get(ask.server);
  if (server === undefined) return failure({ code: "unknown_server", server: ask.server, nearest: [] });
  const { id, timeoutMs, maxAnswerBytes, maxInFlight, trusted, limit } = server.record;
  const now = Date.now();
  const route = {
    server: id,
    ...(tool === undefined ? {} : { tool }),
    replicas: [connection, ...othersOf(connections, id, connection)],
    timeoutMs,
    maxAnswerBytes,
    trusted,
    lifeMs: leaseLifeMs,
    inFlight: askingIsolates.share(id, ask.lease, maxInFlight, now),
    tokens: Infinity,
    limits: [],
  };
  if (ask.isNoCall) return success(route);
  const refused = breakers.refusal(id, route.replicas, now);
  if (refused) return failure(refused);
  const part = limit && ({ name: "server", limitName: "server", limit } as const);
  const lease = part && buckets.lease(serverBuckets(id), [part], ask, now);
  if (lease && "refusedBy" in lease) return failure(rateLimited(lease));
  // Last of all, since whoever gets the probe must use it.
  const gate = breakers.gate(id, route.replicas, ask.ahead, now);
  if (gate.is === "shut") return failure(gate.failure);
  const { replicas, probe } = gate;
  return success({
    ...route,
    replicas,
    ...(probe ? { probe } : {}),
    ...(lease ? { tokens: lease.granted, limits: lease.views } : {}),
  });
}

/** Replicas that can take the place of this one. A conversation's own connection has none. */
function othersOf(connections: Connections, id: string, { replica, sessionId, headers }: Connection): Connection[] {
  const live = connections.live(id);
  if (!live.some((kept) => kept.replica === replica && kept.sessionId === sessionId)) return [];
  return live.filter((kept) => kept.replica !== replica).map((kept) => toConnection(kept, headers));
}
