/**
 * Sends a call to its server. A write is dispatched at most once; it goes out again, once, only after an answer
 * that itself proves that it did not run: a lost session, a changed era.
 */
import type { Call, Connection, Reply } from "../../core/contract/call.ts";
import type { Route } from "../../core/contract/leases.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { ownerOf } from "../../core/policies/placement.ts";
import { isSafe } from "../../core/policies/retry-safety.ts";
import { exchange, provesEraChanged, type Answer, type Bounds } from "../../core/upstream/exchange.ts";
import { paramHeadersOf } from "../../core/protocol/param-headers.ts";
import type { House } from "../house.ts";
import { askOwner } from "../leases/ask-owner.ts";
import { forgetRoute } from "../leases/routes.ts";

export interface Dialed {
  readonly outcome: Outcome<Reply>;
  readonly replica: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly listChanged: boolean;
  readonly bytes: number;
}

export async function dial(house: House, call: Call, route: Route): Promise<Dialed> {
  const startedAt = Date.now();
  const connection = route.replicas[0];
  if (!connection) {
    const outcome = failure({ code: "server_down", server: route.server, execution: "not_executed", since: startedAt });
    return { outcome, replica: "", startedAt, endedAt: startedAt, listChanged: false, bytes: 0 };
  }
  const bounds = boundsOf(call, route, startedAt);
  let answered = await send(house, call, route, connection, bounds);
  if (!answered.ok && mayHeal(answered)) {
    const healed = await heal(house, call, connection);
    if (healed) answered = await send(house, call, route, healed, bounds);
  }
  return {
    outcome: answered.ok ? success(replyOf(call, answered.value)) : answered,
    replica: connection.replica,
    startedAt,
    endedAt: Date.now(),
    listChanged: answered.ok && answered.value.listChanged,
    bytes: answered.ok ? answered.value.bytes : 0,
  };
}

function send(
  house: House,
  call: Call,
  route: Route,
  connection: Connection,
  bounds: Bounds,
): Promise<Outcome<Answer>> {
  const { tool } = route;
  const name = tool?.name ?? call.tool;
  const mirrored =
    tool && tool.paramHeaders.length > 0 ? paramHeadersOf(tool.paramHeaders, call.argumentsText) : undefined;
  return exchange(
    {
      connection,
      server: route.server,
      method: "tools/call",
      paramsText: `{"name":${JSON.stringify(name)},"arguments":${call.argumentsText}}`,
      name,
      ...(mirrored ? { paramHeaders: mirrored } : {}),
      safe: isSafe(tool, route.trusted),
    },
    bounds,
    house.env,
  );
}

/** The server's own deadline, or what the caller is still willing to wait: the shorter. */
function boundsOf(call: Call, route: Route, now: number): Bounds {
  return { deadlineAt: Math.min(now + route.timeoutMs, call.deadlineAt), maxAnswerBytes: route.maxAnswerBytes };
}

function mayHeal(answered: Outcome<Answer>): boolean {
  return !answered.ok && (answered.failure.code === "session_lost" || provesEraChanged(answered.failure));
}

/** The shard makes the new connection, once for everybody who found the old one lost. */
async function heal(house: House, call: Call, lost: Connection): Promise<Connection | undefined> {
  forgetRoute(call.server, call.tool);
  const made = await askOwner(
    house,
    (map) => ownerOf(map, call.server),
    (shard) => shard.reconnect(call.server, lost.replica, lost.generation),
  );
  return made.ok ? made.value.value : undefined;
}

function replyOf(call: Call, answer: Answer): Reply {
  return { server: call.server, tool: call.tool, resultText: answer.resultText, isError: answer.isError };
}
