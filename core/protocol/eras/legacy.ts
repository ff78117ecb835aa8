/** Up to 2025-11-25: `initialize`, an optional session, requests from the server. */
import { gatewayInfo } from "../gateway-info.ts";
import type { EraWire, Spoken, Verdict } from "./era-wire.ts";

const complete: Verdict = { is: "complete" };
const versions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"];

/**
 * The params of `initialize`. We ask for the newest version and take what the server makes of it; no client
 * capabilities, since a door that answers with one document cannot carry a server's request back.
 */
export const initializeText = JSON.stringify({
  protocolVersion: versions[0],
  capabilities: {},
  clientInfo: gatewayInfo,
});

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

  params(paramsText) {
    return paramsText;
  },

  verdict() {
    return complete;
  },
};
