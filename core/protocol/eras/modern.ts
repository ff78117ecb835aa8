/** From 2026-07-28: stateless, an envelope in `_meta`, headers that mirror the body, `input_required`. */
import { gatewayInfo } from "../gateway-info.ts";
import { headerValue } from "../header-value.ts";
import { isObject } from "../json-rpc.ts";
import type { Asked, EraWire, Spoken, Verdict } from "./era-wire.ts";

const complete: Verdict = { is: "complete" };
const emptyObject = /^\s*\{\s*\}\s*$/;

function methodOf(request: unknown): string {
  return isObject(request) && typeof request["method"] === "string" ? request["method"] : "unknown";
}

/** No client capabilities: the doors cannot carry a server's request back yet. */
function envelope(protocolVersion: string): string {
  const fields = {
    "io.modelcontextprotocol/protocolVersion": protocolVersion,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": gatewayInfo,
  };
  return `"_meta":${JSON.stringify(fields)}`;
}

const envelopes = new Map<string, string>();

export const modern: EraWire = {
  versions: ["2026-07-28"],

  connectionHeaders({ protocolVersion }: Spoken) {
    return { "mcp-protocol-version": protocolVersion };
  },

  requestHeaders({ method, name, paramHeaders }: Asked) {
    return {
      ...paramHeaders,
      "mcp-method": method,
      ...(name === undefined ? {} : { "mcp-name": headerValue(name) }),
    };
  },

  params(paramsText, { protocolVersion }) {
    let meta = envelopes.get(protocolVersion);
    if (meta === undefined) {
      meta = envelope(protocolVersion);
      envelopes.set(protocolVersion, meta);
    }
    if (emptyObject.test(paramsText)) return `{${meta}}`;
    return `{${meta},${paramsText.slice(paramsText.indexOf("{") + 1)}`;
  },

  verdict(result) {
    const type = result["resultType"];
    // Servers from before the field was required leave it out.
    if (type === undefined || type === "complete") return complete;
    if (type !== "input_required") return { is: "unknown", resultType: JSON.stringify(type).slice(0, 100) };
    const requests = isObject(result["inputRequests"]) ? Object.values(result["inputRequests"]) : [];
    const methods = requests.map((request) => methodOf(request));
    return { is: "input_required", asked: [...new Set(methods)].sort().join(", ") };
  },
};
