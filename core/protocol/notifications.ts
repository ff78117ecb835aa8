/** Notifications as text: what in them belongs to one hop is exchanged for the next one's, by spans. */
import { memberSpans, memberText } from "./json-text.ts";
import { withMember, withMetaMember, withoutMetaMember } from "./result-text.ts";

const subscriptionId = "io.modelcontextprotocol/subscriptionId";

/**
 * A progress notification about our token `ours`, under the client's own (raw JSON). Undefined when it is about
 * something else.
 */
export function withProgressToken(text: string, ours: string, tokenText: string): string | undefined {
  const params = memberSpans(text).get("params");
  const token = params && memberSpans(text, params.start).get("progressToken");
  if (!token || JSON.parse(text.slice(token.start, token.end)) !== ours) return undefined;
  return text.slice(0, token.start) + tokenText + text.slice(token.end);
}

/**
 * On a modern client's listening stream every notification names the listen request's id (raw JSON); without one the
 * server's own is taken out, for a legacy client.
 */
export function withSubscriptionId(text: string, idText: string | undefined): string {
  const params = memberText(text, "params") ?? "{}";
  const rewritten =
    idText === undefined ? withoutMetaMember(params, subscriptionId) : withMetaMember(params, subscriptionId, idText);
  return rewritten === params ? text : withMember(text, "params", rewritten);
}

export function listChangedText(list: "tools" | "prompts" | "resources"): string {
  return `{"jsonrpc":"2.0","method":"notifications/${list}/list_changed"}`;
}

/** `idText`: the id of the request that nobody waits for any more, raw JSON. */
export function cancelledText(idText: string, reason: string): string {
  const params = `{"requestId":${idText},"reason":${JSON.stringify(reason)}}`;
  return `{"jsonrpc":"2.0","method":"notifications/cancelled","params":${params}}`;
}
