/** Route: where a tool lives and how to speak to its server, from a lease when the isolate holds one. */
import type { Conversation } from "../../core/contract/conversation.ts";
import type { Route } from "../../core/contract/leases.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { ownerOf } from "../../core/policies/placement.ts";
import type { House } from "../house.ts";
import { askOwner } from "./ask-owner.ts";
import { addBlock, collectReports, nextLeaseName, noBlocks, takeToken, tokensLeft, type Blocks } from "./blocks.ts";
import { claimsRenewal, LeaseTable, type Lease } from "./lease-table.ts";
import { noteClosed, noteOpen, noteProbed, openBreaker } from "./open-breakers.ts";
import { noteRefusal, refusalOf } from "./refusals.ts";

export interface RouteWish {
  readonly server: string;
  /** Absent: the connection is all that is wanted. */
  readonly tool?: string;
  /** A legacy client's session: a legacy server is spoken to on that session's own connection. */
  readonly conversation?: Conversation;
}

export interface LeasedRoute {
  readonly route: Route;
  /** The shard that gave it, where receipts go. */
  readonly shard: number;
}

const leases = new LeaseTable<LeasedRoute>(20_000);
/** A server's limit is one for all its tools, so its tokens are pooled by server. */
const pools = new Map<string, Blocks>();

export async function route(house: House, wish: RouteWish): Promise<Outcome<LeasedRoute>> {
  const now = Date.now();
  const { server } = wish;
  const open = openBreaker(server, now);
  if (open !== undefined && open !== "due") return failure(open);
  const lease = open === "due" ? undefined : leaseFor(wish);
  if (lease && lease.endsAt > now && takesServerToken(lease, server, now)) {
    if (claimsRenewal(lease, leftIn(lease, server), lease.value.route.tokens, now))
      house.waitUntil(ask(house, wish, true));
    return success(lease.value);
  }
  const refused = refusalOf(`server:${server}`, now);
  return refused ? failure(refused) : ask(house, wish, false);
}

/** Drops what is known of a server's tools: a lease told of a connection that is no more. */
export function forgetRoute(wish: RouteWish): void {
  leases.delete(nameOf(wish));
  if (wish.conversation) leases.delete(sharedName(wish));
}

/** Where the server keeps no sessions, a conversation is spoken on the connection that all share, and shares its lease. */
function leaseFor(wish: RouteWish): Lease<LeasedRoute> | undefined {
  const shared = leases.get(sharedName(wish));
  if (wish.conversation === undefined || (shared && keepsNoSession(shared.value.route))) return shared;
  return leases.get(nameOf(wish));
}

function keepsNoSession({ replicas }: Route): boolean {
  return replicas.every(({ sessionId }) => sessionId === undefined);
}

async function ask(house: House, wish: RouteWish, ahead: boolean): Promise<Outcome<LeasedRoute>> {
  const { server, tool, conversation } = wish;
  const askedAt = Date.now();
  const reports = collectReports(pools.get(server));
  const name = nextLeaseName();
  const answer = await askOwner(
    house,
    (map) => ownerOf(map, server),
    (shard, revision) =>
      shard.route({
        server,
        ...(tool === undefined ? {} : { tool }),
        ...(conversation === undefined ? {} : { conversation }),
        reports,
        lease: name,
        ahead,
        revision,
      }),
  );
  if (!answer.ok) {
    // A renewal that failed takes nothing away: what is held serves to its end.
    const held = leaseFor(wish);
    if (held) held.renewing = false;
    noteOpen(answer.failure, askedAt);
    if (reports.every(({ unused }) => unused === 0)) noteRefusal(`server:${server}`, answer.failure, askedAt);
    return answer;
  }
  const granted = answer.value.value;
  const leased: LeasedRoute = { route: granted, shard: answer.value.shard };
  if (granted.probe) noteProbed(server, askedAt);
  else noteClosed(server);
  // The lease itself is for the connection; what tokens it brings belong to the whole server.
  const place = keepsNoSession(granted) ? sharedName(wish) : nameOf(wish);
  if (!granted.probe)
    leases.put(place, leased, { lease: name, tokens: Infinity, lifeMs: granted.lifeMs, askedAt, ahead });
  pourIntoPool(server, granted, name, ahead ? 0 : 1, askedAt);
  return success(leased);
}

function takesServerToken(lease: Lease<LeasedRoute>, server: string, now: number): boolean {
  if (lease.value.route.tokens === Infinity) return true;
  const pool = pools.get(server);
  return pool !== undefined && takeToken(pool, now);
}

function leftIn(lease: Lease<LeasedRoute>, server: string): number {
  const pool = pools.get(server);
  return pool ? tokensLeft(pool) : Infinity;
}

function pourIntoPool(server: string, granted: Route, lease: string, used: number, askedAt: number): void {
  if (granted.tokens === Infinity) {
    pools.delete(server);
    return;
  }
  const pool = pools.get(server) ?? noBlocks();
  addBlock(pool, lease, granted.tokens - used, askedAt + granted.lifeMs);
  pools.set(server, pool);
}

function nameOf(wish: RouteWish): string {
  const { conversation } = wish;
  return conversation === undefined ? sharedName(wish) : `${sharedName(wish)}\n${conversation.id}`;
}

function sharedName({ server, tool }: RouteWish): string {
  return `${server}\n${tool ?? ""}`;
}
