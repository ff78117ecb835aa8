/** `_meta` members: which of them belong to one hop, and which travel on. */
import { eachMember } from "./json-text.ts";

const prefix = "io.modelcontextprotocol/";

export const metaKeys = {
  protocolVersion: `${prefix}protocolVersion`,
  clientCapabilities: `${prefix}clientCapabilities`,
  clientInfo: `${prefix}clientInfo`,
  logLevel: `${prefix}logLevel`,
  progressToken: "progressToken",
} as const;

/** What goes into a request's `_meta` besides what always stands there. */
export interface ExtraMeta {
  /** JSON object text. */
  readonly clientCapabilitiesText?: string;
  readonly logLevel?: string;
  readonly progressToken?: string;
  /** JSON object text. */
  readonly metaText?: string;
}

/**
 * The members that travel on, without braces: trace context (W3C), vendors' own. The envelope and the progress token
 * are each hop's own.
 */
export function travelling(metaText: string): string {
  const members: string[] = [];
  eachMember(metaText, 0, (key, { end }, at) => {
    if (key !== metaKeys.progressToken && !key.startsWith(prefix)) members.push(metaText.slice(at, end));
  });
  return members.join(",");
}

/** Of both eras: the client's travelling members and our progress token, without braces. */
export function hopMembers({ metaText, progressToken }: ExtraMeta): string {
  const members = metaText === undefined ? [] : [travelling(metaText)];
  if (progressToken !== undefined) members.push(`"${metaKeys.progressToken}":${JSON.stringify(progressToken)}`);
  return members.filter((text) => text !== "").join(",");
}
