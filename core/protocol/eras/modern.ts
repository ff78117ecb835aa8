/** From 2026-07-28: stateless, an envelope in `_meta`, headers that mirror the body, `input_required`. */
import { gatewayInfo } from "../gateway-info.ts";
import { headerValue } from "../header-value.ts";
import { isObject } from "../json-rpc.ts";
import { hopMembers, metaKeys, type ExtraMeta } from "../meta.ts";
import { putFirst } from "../splice.ts";
import type { Asked, EraWire, Spoken, Verdict } from "./era-wire.ts";

const complete: Verdict = { is: "complete" };

function methodOf(request: unknown): string {
  return isObject(request) && typeof request["method"] === "string" ? request["method"] : "unknown";
}

function envelope(protocolVersion: string, extra: ExtraMeta): string {
  const { clientCapabilitiesText = "{}", logLevel } = extra;
  const fields = {
    [metaKeys.protocolVersion]: protocolVersion,
    [metaKeys.clientInfo]: gatewayInfo,
    [metaKeys.logLevel]: logLevel,
  };
  const members = hopMembers(extra);
  return `"_meta":{"${metaKeys.clientCapabilities}":${clientCapabilitiesText},${JSON.stringify(fields).slice(
    1,
    -1,
  )}${members === "" ? "" : `,${members}`}}`;
}

/** Of requests with no client behind them, such as REST calls, by version. */
const plainEnvelopes = new Map<string, string>();

function plainEnvelope(protocolVersion: string): string {
  let meta = plainEnvelopes.get(protocolVersion);
  if (meta === undefined) {
    meta = envelope(protocolVersion, {});
    plainEnvelopes.set(protocolVersion, meta);
  }
  return meta;
}

function isPlain({ clientCapabilitiesText, logLevel, progressToken, metaText }: ExtraMeta): boolean {
  return (clientCapabilitiesText ?? logLevel ?? progressToken ?? metaText) === undefined;
}

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

  params(paramsText, { protocolVersion }, extra) {
    return putFirst(paramsText, isPlain(extra) ? plainEnvelope(protocolVersion) : envelope(protocolVersion, extra));
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
