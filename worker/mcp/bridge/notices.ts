/** Which of a server's notifications in the course of a call go on to the client, and how they read there. */
import type { Era } from "../../../core/contract/server.ts";
import { memberText } from "../../../core/protocol/json-text.ts";
import { withProgressToken } from "../../../core/protocol/notifications.ts";

export interface Hearer {
  readonly era: Era;
  /** Modern clients that named none want no log; legacy ones take what the server thinks right. */
  readonly logLevel?: string;
  /** The token that we gave the server, and the client's own, raw JSON. */
  readonly progress?: { readonly ours: string; readonly theirsText: string };
}

/** RFC 5424, as the specification lists them. */
const levels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

/** Only legacy clients know these on the stream of a call. */
const legacyOnly = new Set(["notifications/resources/updated", "notifications/elicitation/complete"]);

/**
 * The text for the client; undefined when it is not for it. That a list has changed is told on listening streams, when
 * the lists here have. What neither side's specification knows is between a client and a server of one era.
 */
export function noticeFor(hearer: Hearer, text: string, method: string, serverEra: Era): string | undefined {
  const { era, progress } = hearer;
  if (method === "notifications/progress") {
    return progress && withProgressToken(text, progress.ours, progress.theirsText);
  }
  if (method === "notifications/message") return wantsLog(hearer, text) ? text : undefined;
  if (method.endsWith("/list_changed") || method === "notifications/cancelled") return undefined;
  if (legacyOnly.has(method)) return era === "legacy" ? text : undefined;
  return era === serverEra ? text : undefined;
}

function wantsLog({ era, logLevel }: Hearer, text: string): boolean {
  if (logLevel === undefined) return era === "legacy";
  const said = memberText(memberText(text, "params") ?? "{}", "level");
  // One that has no level, or an unknown one, is not held back: nobody can say how much it matters.
  const level = levels.findIndex((name) => `"${name}"` === said);
  return level < 0 || level >= levels.indexOf(logLevel);
}
