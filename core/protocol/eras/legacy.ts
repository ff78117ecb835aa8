/** Up to 2025-11-25: `initialize`, an optional session, requests from the server. */
import { gatewayInfo } from "../gateway-info.ts";
import { hopMembers } from "../meta.ts";
import { putFirst } from "../splice.ts";
import type { EraWire, Spoken, Verdict } from "./era-wire.ts";

const complete: Verdict = { is: "complete" };
const versions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"];

/**
 * The params of `initialize`. We ask for the newest version and take what the server makes of it. Without a client
 * behind the connection there are no capabilities: a door that answers with one document cannot carry a server's
 * request back.
 */
export function initializeParams(capabilitiesText = "{}"): string {
  const rest = JSON.stringify({ protocolVersion: versions[0], clientInfo: gatewayInfo });
  return `{"capabilities":${capabilitiesText},${rest.slice(1)}`;
}

export const legacy: EraWire = {
  versions,

  connectionHeaders({ protocolVersion, sessionId }: Spoken) {
    return {
      // None while `initialize` has not yet settled the version.
      ...(protocolVersion === "" ? {} : { "mcp-protocol-version": protocolVersion }),
      ...(sessionId === undefined ? {} : { "mcp-session-id": sessionId }),
    };
  },

  requestHeaders() {
    return undefined;
  },

  params(paramsText, _spoken, extra) {
    if (extra.progressToken === undefined && extra.metaText === undefined) return paramsText;
    const members = hopMembers(extra);
    return members === "" ? paramsText : putFirst(paramsText, `"_meta":{${members}}`);
  },

  verdict() {
    return complete;
  },
};
