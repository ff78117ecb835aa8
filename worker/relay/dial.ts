/**
 * Sends one request to its server, whichever door it came through. A write is dispatched at most once; it goes out
 * again, once, only after an answer that itself proves that it did not run. What is safe may be repeated (repeat.ts).
 */
import type { Connection } from "../../core/contract/call.ts";
import type { Route } from "../../core/contract/leases.ts";
import type { Failure } from "../../core/contract/failure.ts";
import { failure, type Outcome } from "../../core/contract/outcome.ts";
import { ownerOf } from "../../core/policies/placement.ts";
import { exchange, type Answer, type Bounds, type Exchange } from "../../core/upstream/exchange.ts";
import { orWithheld } from "../../core/upstream/withheld.ts";
import type { House } from "../house.ts";
import { networksOf } from "../networks.ts";
import { askOwner } from "../leases/ask-owner.ts";
import { forgetRoute, type RouteWish } from "../leases/routes.ts";
import { enter, leave } from "./places.ts";
import { nextAfter, noteAttempt } from "./repeat.ts";

/** What is asked of the server; whom to ask and on which connection is the route's to say. */
export type Question = Omit<Exchange, "connection" | "server">;

export interface Dialed {
  readonly outcome: Outcome<Answer>;
  readonly server: string;
  readonly replica: string;
  /** On which it was answered, or on which that failed; absent when none could be tried. */
  readonly connection?: Connection;
  readonly startedAt: number;
  readonly endedAt: number;
  /** It was the one call that was to find out whether the replica is well again. */
  readonly probe?: true;
  /** An attempt before this one, which failed and was safe to be repeated. */
  readonly lost?: Lost;
}

export interface Lost {
  readonly replica: string;
  readonly failure: Failure;
}

/** How soon to come back to a server that has as many calls under way as it is sent. */
const busyMs = 1_000;

/** `wish` is what the route was asked for with. */
export async function dial(
  house: House,
  wish: RouteWish,
  route: Route,
  question: Question,
  bounds: Bounds,
): Promise<Dialed> {
  const startedAt = Date.now();
  const { server, probe } = route;
  if (route.replicas.length === 0) {
    return unasked(server, startedAt, { code: "server_down", server, execution: "not_executed", since: startedAt });
  }
  // The probe goes out even when all places are taken, by calls that hang.
  const place = probe ? undefined : enter(server, route.inFlight, bounds.deadlineAt, startedAt);
  const ticket = place instanceof Promise ? await place : place;
  if (ticket === "full") return unasked(server, startedAt, tooMany(server, route.inFlight));
  try {
    const { over, ...sent } = await send(house, wish, route, question, bounds);
    const asked = { server, replica: over.replica, connection: over, ...(probe ? { probe } : {}) };
    return { ...sent, ...asked, startedAt, endedAt: Date.now() };
  } finally {
    if (ticket !== undefined) leave(server, ticket);
  }
}

interface Sent {
  readonly outcome: Outcome<Answer>;
  readonly over: Connection;
  readonly lost?: Lost;
}

async function send(house: House, wish: RouteWish, route: Route, question: Question, bounds: Bounds): Promise<Sent> {
  const { server } = wish;
  const networks = networksOf(house);
  const [first] = route.replicas;
  if (!first) throw new Error("a route that is sent over has a replica");
  noteAttempt(server);
  let over = first;
  let lost: Lost | undefined;
  let outcome = await exchange({ connection: over, server, ...question }, bounds, networks);
  if (!outcome.ok) {
    const next = nextAfter(outcome.failure, over, route, question, bounds);
    const isHealed = next.is === "heal" || (next.is === "end" && leftUnsent(outcome.failure, over));
    const to = isHealed ? await heal(house, wish, over) : next.is === "again" ? next.over : undefined;
    if (to) {
      if (!isHealed) lost = { replica: over.replica, failure: outcome.failure };
      over = to;
      outcome = await exchange({ connection: over, server, ...question }, bounds, networks);
    }
  }
  outcome = await orWithheld({ connection: over, server, ...question }, outcome, bounds, networks);
  return { outcome, over, ...(lost ? { lost } : {}) };
}

/** Nothing was sent. */
function unasked(server: string, at: number, reason: Failure): Dialed {
  return { outcome: failure(reason), server, replica: "", startedAt: at, endedAt: Date.now() };
}

function tooMany(server: string, inFlight: number): Failure {
  const evidence = `${inFlight} calls are under way`;
  return { code: "server_busy", server, execution: "not_executed", retryAfterMs: busyMs, evidence };
}

/** The server's own deadline, or what the caller is still willing to wait: the shorter. */
export function boundsOf(route: Route, deadlineAt: number): Bounds {
  return { deadlineAt: Math.min(Date.now() + route.timeoutMs, deadlineAt), maxAnswerBytes: route.maxAnswerBytes };
}

/** It took longer than its caller wanted to wait, which is less than the server may take. */
export function wasHurried({ outcome, startedAt }: Dialed, { timeoutMs }: Route, deadlineAt: number): boolean {
  return !outcome.ok && outcome.failure.code === "server_timeout" && deadlineAt < startedAt + timeoutMs;
}

/** The connector is gone, which is known before anything is sent: another one may offer the server. */
function leftUnsent(reason: Failure, { kind }: Connection): boolean {
  return kind === "connector" && reason.code === "server_down";
}

/** The shard makes the new connection, once for everybody who found the old one lost. */
export async function heal(house: House, wish: RouteWish, lost: Connection): Promise<Connection | undefined> {
  forgetRoute(wish);
  const { server, conversation } = wish;
  const made = await askOwner(
    house,
    (map) => ownerOf(map, server),
    (shard) => shard.reconnect(server, lost.replica, lost.generation, conversation),
  );
  return made.ok ? made.value.value : undefined;
}
