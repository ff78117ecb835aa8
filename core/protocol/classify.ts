/**
 * What a POSTed message is and which era it belongs to (2026-07-28, "versioning"). The body decides: who names a
 * version in `_meta` is modern. The header can only contradict, never turn one into the other.
 */
import type { Era } from "../contract/server.ts";
import { eras } from "./eras/index.ts";
import { isObject } from "./json-rpc.ts";
import { metaKeys } from "./meta.ts";
import { headerMismatch, invalidParams, invalidRequest, type ProtocolError } from "./protocol-error.ts";

export type Params = Readonly<Record<string, unknown>>;

export type Classified =
  | { readonly is: "request" | "notification"; readonly era: Era; readonly method: string; readonly params: Params }
  /** The answer to something that a server asked; only legacy clients post one. */
  | { readonly is: "response" }
  | { readonly is: "refused"; readonly error: ProtocolError };

type Asked = Omit<Extract<Classified, { method: string }>, "era">;

export const versionHeader = "mcp-protocol-version";

export function classifyRequest(headers: Headers, body: unknown): Classified {
  if (Array.isArray(body)) return refuse(invalidRequest("Batches are not taken: one message per POST"));
  if (!isObject(body) || body["jsonrpc"] !== "2.0") return refuse(invalidRequest("Not a JSON-RPC 2.0 message"));
  const header = headers.get(versionHeader) ?? undefined;
  const { method, id, params = {} } = body;
  if (method === undefined) return classifyResponse(body, header);
  if (typeof method !== "string") return refuse(invalidRequest("The method is not a string"));
  if (!isObject(params)) return refuse(invalidParams("The params are not an object"));
  if (!("id" in body)) return withEra({ is: "notification", method, params }, header);
  if (!isId(id)) return refuse(invalidRequest("The id is neither a string nor an integer"));
  return withEra({ is: "request", method, params }, header);
}

function withEra(asked: Asked, header: string | undefined): Classified {
  const modernHeader = header !== undefined && isModern(header);
  const meta = asked.params["_meta"];
  const claim = isObject(meta) ? meta[metaKeys.protocolVersion] : undefined;
  // `initialize` opens the legacy era, unless it claims by name to be of the other one, which does not have it.
  const claims = asked.method === "initialize" ? typeof claim === "string" && isModern(claim) : claim !== undefined;
  if (claims) {
    if (typeof claim === "string" && header !== undefined && header !== claim) {
      return refuse(headerMismatch(`MCP-Protocol-Version says ${header}, the body ${claim}`));
    }
    return { ...asked, era: "modern" };
  }
  if (!modernHeader) return { ...asked, era: "legacy" };
  // No envelope is defined for notifications, so the header is all there is to go by.
  if (asked.is === "notification") return { ...asked, era: "modern" };
  return refuse(invalidParams(`MCP-Protocol-Version says ${header}, but _meta lacks ${metaKeys.protocolVersion}`));
}

function classifyResponse(body: Params, header: string | undefined): Classified {
  const { id, result, error } = body;
  if (!isId(id) || isObject(result) === isObject(error)) {
    return refuse(invalidRequest("Neither a request nor a notification nor a response"));
  }
  if (header !== undefined && isModern(header)) return refuse(invalidRequest(`No responses are taken in ${header}`));
  return { is: "response" };
}

/** Newer than every legacy version: also one that we do not speak, so that it is refused as what it is. */
function isModern(version: string): boolean {
  return eras.legacy.versions.every((legacy) => version > legacy);
}

function isId(id: unknown): boolean {
  return typeof id === "string" || Number.isInteger(id);
}

function refuse(error: ProtocolError): Classified {
  return { is: "refused", error };
}
