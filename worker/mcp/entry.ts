/** Lets a caller in: a token of its limits, the scope that the method needs, and an endpoint that is there for it. */
import type { Principal } from "../../core/contract/key.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { allows, type Scope } from "../../core/contract/scope.ts";
import { splitName } from "../../core/policies/names.ts";
import { admit, type Admitted } from "../leases/admissions.ts";
import { findEndpoint } from "./endpoint.ts";
import type { Offering } from "./rpc-call.ts";
import type { Visit } from "./visit.ts";

export interface Entry {
  readonly caller: Admitted;
  /** What this caller finds here: at `/mcp`, its own toolset if it has one. */
  readonly offering: Offering;
}

/** Methods that reach a server on the caller's behalf. */
const callMethods: ReadonlySet<string> = new Set([
  "tools/call",
  "prompts/get",
  "resources/read",
  "completion/complete",
  "tasks/get",
  "tasks/update",
  "tasks/cancel",
]);
const listMethods: ReadonlySet<string> = new Set([
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "resources/subscribe",
  "resources/unsubscribe",
  "subscriptions/listen",
]);

/** `method` is empty for what is no request. */
export async function enter(
  visit: Visit,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Outcome<Entry>> {
  const { house, identity } = visit;
  const server = callMethods.has(method) ? serverNamed(visit.offering, params["name"]) : undefined;
  // An endpoint that is asked for while the key is still unknown tells nothing before the key is good.
  const finding = visit.offering.is === "everything" ? undefined : findEndpoint(house, visit.offering);
  const admitted = await admit(house, identity, server);
  if (!admitted.ok) return admitted;
  const caller = admitted.value;
  visit.noteCaller(caller);
  const missing = scopeMissing(caller.principal, method);
  if (missing) return failure({ code: "scope_missing", scope: missing });
  const found = await finding;
  if (found && !found.ok) return found;
  if (visit.offering.is === "server" && !reaches(caller.principal.tools, visit.offering.server)) {
    return failure({ code: "unknown_server", server: visit.offering.server, nearest: [] });
  }
  return success({ caller, offering: offeringFor(visit.offering, caller.principal) });
}

function scopeMissing({ scopes }: Principal, method: string): Scope | undefined {
  if (callMethods.has(method)) return allows(scopes, "tools:call") ? undefined : "tools:call";
  if (allows(scopes, "tools:list")) return undefined;
  // To open a conversation and to keep it open, either is enough.
  return allows(scopes, "tools:call") && !listMethods.has(method) ? undefined : "tools:list";
}

function offeringFor(offering: Offering, { toolset }: Principal): Offering {
  return offering.is === "everything" && toolset !== undefined ? { is: "toolset", toolset } : offering;
}

function serverNamed(offering: Offering, name: unknown): string | undefined {
  if (offering.is === "server") return offering.server;
  return offering.is === "everything" && typeof name === "string" ? splitName(name)?.server : undefined;
}

/** Whether any of the key's patterns can match a name of this server: to others the server does not exist. */
export function reaches(patterns: readonly string[] | undefined, server: string): boolean {
  if (patterns === undefined) return true;
  const prefix = `${server}__`;
  return patterns.some((pattern) => {
    const star = pattern.indexOf("*");
    const head = star < 0 ? pattern : pattern.slice(0, star);
    return head.startsWith(prefix) || (star >= 0 && prefix.startsWith(head));
  });
}
