/** Whether a server can be spoken to, as far as is known before anything is sent. */
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { attemptMs } from "./introductions.ts";
import type { Server } from "./servers.ts";

/** That it is said before anything is sent is what lets callers be refused at once and nothing be repeated. */
export function standingOf(server: Server): Outcome<Server> {
  const { record, state, reason, since } = server;
  const facts = { server: record.id, execution: "not_executed", evidence: reason } as const;
  if (state === "disabled") return failure({ code: "server_disabled", ...facts });
  if (state === "down") return failure({ code: "server_down", ...facts, since });
  if (state !== "unknown") return success(server);
  return failure({ code: "server_timeout", ...facts, timeoutMs: Math.min(record.timeoutMs, attemptMs) });
}
