/**
 * Sends one request to its server, whichever door it came through. A write is dispatched at most once; it goes out
 * again, once, only after an answer that itself proves that it did not run: a lost session, a changed era.
 */
import type { Connection } from "../../core/contract/call.ts";
import type { Route } from "../../core/contract/leases.ts";
import { failure, type Outcome } from "../../core/contract/outcome.ts";
import { ownerOf } from "../../core/policies/placement.ts";
import { exchange, provesEraChanged, type Answer, type Bounds, type Exchange } from "../../core/upstream/exchange.ts";
import { orWithheld } from "../../core/upstream/withheld.ts";
import type { House } from "../house.ts";
import { networksOf } from "../networks.ts";
import { askOwner } from "../leases/ask-owner.ts";
import { forgetRoute, type RouteWish } from "../leases/routes.ts";

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
}

/** `wish` is what the route was asked for with. */
export async function dial(
  house: House,
  wish: RouteWish,
  route: Route,
  question: Question,
  bounds: Bounds,
): Promise<Dialed> {
  const startedAt = Date.now();
  const { server } = route;
  let connection = route.replicas[0];
  if (!connection) {
    const outcome = failure({ code: "server_down", server, execution: "not_executed", since: startedAt });
    return { outcome, server, replica: "", startedAt, endedAt: startedAt };
  }
  const { replica } = connection;
  const networks = networksOf(house);
  let outcome = await exchange({ connection, server, ...question }, bounds, networks);
  if (mayHeal(outcome) || leftUnsent(outcome, connection)) {
    const healed = await heal(house, wish, connection);
    if (healed) {
      connection = healed;
      outcome = await exchange({ connection, server, ...question }, bounds, networks);
    }
  }
  outcome = await orWithheld({ connection, server, ...question }, outcome, bounds, networks);
  return { outcome, server, replica, connection, startedAt, endedAt: Date.now() };
}

/** The server's own deadline, or what the caller is still willing to wait: the shorter. */
export function boundsOf(route: Route, deadlineAt: number): Bounds {
  return { deadlineAt: Math.min(Date.now() + route.timeoutMs, deadlineAt), maxAnswerBytes: route.maxAnswerBytes };
}

function mayHeal(answered: Outcome<Answer>): boolean {
  return !answered.ok && (answered.failure.code === "session_lost" || provesEraChanged(answered.failure));
}

/** The connector is gone, which is known before anything is sent: another one may offer the server. */
function leftUnsent(answered: Outcome<Answer>, { kind }: Connection): boolean {
  return kind === "connector" && !answered.ok && answered.failure.code === "server_down";
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
