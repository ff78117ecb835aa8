/** A failure's evidence, in words and members that a client may see. Hosts, credentials and stack traces never pass. */
import type { Failure, LookupFailure, RequestFailure } from "../../core/contract/failure.ts";

export interface Detail {
  readonly detail?: string;
  /** Extension members of the problem document (RFC 9457 section 3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly retryAfterMs?: number;
}

export function detailOf(failure: Failure): Detail {
  switch (failure.code) {
    case "malformed_json":
      return { detail: failure.detail };
    case "duplicate_key":
      return {
        detail: `The key at ${failure.path} stands twice.`,
        members: { errors: [{ path: failure.path, message: "stands twice" }] },
      };
    case "nested_too_deep":
      return { detail: `At most ${failure.limit} levels are taken.` };
    case "body_too_large":
      return { detail: `At most ${failure.limitBytes} bytes are taken.` };
    case "body_timeout":
      return { detail: `The body must be complete within ${failure.limitMs} ms.` };
    case "unsupported_media_type":
      return { detail: `Got ${failure.got || "none"}.` };
    case "invalid_fields":
      return { detail: sentenceOf(failure.fields), members: { errors: failure.fields } };
    case "invalid_arguments":
      return {
        detail: `${failure.tool}: ${sentenceOf(failure.fields)}`,
        members: { tool: failure.tool, errors: failure.fields },
      };
    case "target_refused":
      return {
        detail: `${failure.reason} ${failure.fix}`,
        members: { errors: [{ path: "/url", message: failure.reason }] },
      };
    case "already_exists":
      return {
        detail: `There is already a ${failure.what} "${failure.id}".`,
        members: { errors: [{ path: "/id", message: "already taken" }] },
      };
    case "conflict":
      return { detail: failure.detail };
    case "idempotency_in_flight":
    case "idempotency_full":
      return { retryAfterMs: failure.retryAfterMs };
    case "idempotency_answer_lost":
      return { members: { server: failure.server } };
    case "idempotency_key_reused":
      return {};
    case "not_implemented":
      return { detail: `${failure.feature} is not built yet.` };
    default:
      return ofNames(failure);
  }
}

/** Names that lead nowhere, with the nearest ones that do. */
function ofNames(failure: Exclude<Failure, RequestFailure>): Detail {
  switch (failure.code) {
    case "unknown_route":
      return { detail: `There is nothing at ${failure.path}.`, members: { nearest: failure.nearest } };
    case "method_not_allowed":
      return { detail: `Allowed here: ${failure.allowed.join(", ")}.`, members: { allowed: failure.allowed } };
    case "unknown_server":
      return {
        detail: `No server is called "${failure.server}".${didYouMean(failure.nearest)}`,
        members: { nearest: failure.nearest },
      };
    case "unknown_tool":
      return {
        detail: `No tool is called "${failure.tool}".${didYouMean(failure.nearest)}`,
        members: { nearest: failure.nearest },
      };
    case "ambiguous_tool":
      return {
        detail: `"${failure.tool}" could be any of ${failure.candidates.join(", ")}.`,
        members: { candidates: failure.candidates },
      };
    case "unknown_shard":
      return {
        detail: `There is no shard ${failure.shard}.${didYouMean(failure.nearest)}`,
        members: { nearest: failure.nearest },
      };
    case "unknown_key":
      return { detail: `No key has the id "${failure.id}".` };
    case "unknown_toolset":
      return {
        detail: `No toolset is called "${failure.toolset}".${didYouMean(failure.nearest)}`,
        members: { nearest: failure.nearest },
      };
    case "unknown_alert_target":
      return {
        detail: `No alert target is called "${failure.id}".${didYouMean(failure.nearest)}`,
        members: { nearest: failure.nearest },
      };
    case "unknown_silence":
      return { detail: `No silence is called "${failure.id}"; it may have ended.` };
    case "upgrade_required":
      return {};
    default:
      return ofCaller(failure);
  }
}

/** Keys and limits, and the gateway's own state. */
function ofCaller(failure: Exclude<Failure, RequestFailure | LookupFailure>): Detail {
  switch (failure.code) {
    case "scope_missing":
      return { detail: `This needs the scope "${failure.scope}".`, members: { scope: failure.scope } };
    case "too_many_failures":
    case "overloaded":
      return { retryAfterMs: failure.retryAfterMs };
    case "rate_limited":
      return {
        detail: `The ${limitWords[failure.limit]} allows ${failure.quota} calls at once, refilled in ${failure.windowSeconds} s. Next call possible in ${failure.retryAfterMs} ms.`,
        members: { limit: failure.limit, retryAfterMs: failure.retryAfterMs },
        retryAfterMs: failure.retryAfterMs,
      };
    case "shard_unavailable":
      return { detail: `Shard ${failure.shard} could not be reached.`, members: { shard: failure.shard } };
    case "key_missing":
    case "key_invalid":
    case "key_expired":
    case "key_revoked":
    case "key_in_query":
    case "two_credentials":
    case "https_required":
    case "host_refused":
    case "moved":
    case "park_lost":
    case "fleet_unavailable":
    case "internal":
      return {};
    default:
      return ofServer(failure);
  }
}

type OfServer = Extract<Failure, { server: string; execution: unknown }>;

/** Failures of a call that was meant for a server all say which server, and whether the tool may have run. */
function ofServer(failure: OfServer): Detail {
  const members: Record<string, unknown> = { server: failure.server, execution: failure.execution };
  const ran = failure.execution === "unknown" ? " The tool may have run." : " The tool did not run.";
  switch (failure.code) {
    case "server_down":
      members["since"] = new Date(failure.since).toISOString();
      return { detail: `Server "${failure.server}" is down since ${String(members["since"])}.${ran}`, members };
    case "server_timeout":
      return {
        detail: `Server "${failure.server}" gave no complete answer within ${failure.timeoutMs} ms.${ran}`,
        members,
      };
    case "answer_too_large":
      return { detail: `Server "${failure.server}" sent more than ${failure.limitBytes} bytes.${ran}`, members };
    case "server_status":
      members["serverStatus"] = failure.status;
      return { detail: `Server "${failure.server}" answered with HTTP status ${failure.status}.${ran}`, members };
    case "server_refused_credential":
      members["serverStatus"] = failure.status;
      return {
        detail: `Server "${failure.server}" refused the gateway's credential with HTTP status ${failure.status}.${ran}`,
        members,
      };
    case "server_busy":
      return { detail: `Server "${failure.server}" is busy.${ran}`, members, retryAfterMs: failure.retryAfterMs };
    case "breaker_open":
      members["since"] = new Date(failure.since).toISOString();
      return {
        detail: `Calls of server "${failure.server}" have failed since ${String(members["since"])}.${ran}`,
        members,
        retryAfterMs: failure.retryAfterMs,
      };
    case "server_error":
      members["rpcError"] = { code: failure.rpcCode, message: failure.rpcMessage };
      return { detail: `Server "${failure.server}" answered: ${failure.rpcMessage}`, members };
    case "interaction_required":
      members["asked"] = failure.asked;
      if (failure.execution === "not_executed") {
        const whom = `clients that can be asked more than this one: ${failure.asked}`;
        return { detail: `Server "${failure.server}" has this tool only for ${whom}.`, members };
      }
      return { detail: `Server "${failure.server}" asks for ${failure.asked}.`, members };
    default:
      return { detail: `Server "${failure.server}".${ran}`, members };
  }
}

const limitWords = { key: "key's limit", server: "server's limit", key_server: "key's limit on this server" } as const;

function sentenceOf(fields: readonly { path: string; message: string }[]): string {
  return fields.map((field) => `${field.path || "body"}: ${field.message}`).join("; ");
}

function didYouMean(nearest: readonly string[]): string {
  return nearest.length === 0 ? "" : ` Did you mean ${nearest.join(", ")}?`;
}
