/**
 * Failures as JSON-RPC errors. The protocol's own codes where it has one; else the HTTP status times a hundred, which
 * lies outside of what JSON-RPC reserves. `data` says what a problem document says (worker/render/problem.ts).
 */
import type { Failure } from "../../core/contract/failure.ts";
import type { Era } from "../../core/contract/server.ts";
import { detailOf } from "../render/detail.ts";
import { pages } from "../render/pages/index.ts";
import { statusOf } from "../render/problem.ts";
import { rpcError, type RpcError, type RpcOutcome } from "./rpc-call.ts";

export const rpcCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  /** Of the legacy era only. */
  resourceNotFound: -32002,
  urlElicitationRequired: -32042,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const;

/** What a failure is called toward a client of this era. */
export function errorOf(failure: Failure, era: Era, requestId: string): RpcError {
  if (failure.code === "server_error") return serversOwn(failure, era, requestId);
  return {
    code: codeOf(failure),
    message: sentenceOf(failure),
    dataText: dataOf(failure, requestId),
    ...(isForTransport(failure) ? { status: statusOf(failure) } : {}),
  };
}

/** The HTTP status of a refusal that comes before any method. */
export function refusalStatusOf(failure: Failure): number {
  return failure.code === "invalid_fields" ? 400 : statusOf(failure);
}

/** `data`, as JSON text. */
function dataOf(failure: Failure, requestId: string): string {
  const { members } = detailOf(failure);
  const { retryable } = pages[failure.code];
  return JSON.stringify({ code: failure.code, requestId, retryable, ...members });
}

function sentenceOf(failure: Failure): string {
  const page = pages[failure.code];
  return `${page.title}. ${detailOf(failure).detail ?? page.meaning}`;
}

function codeOf(failure: Failure): number {
  switch (failure.code) {
    case "malformed_json":
    case "duplicate_key":
    case "nested_too_deep":
      return rpcCodes.parseError;
    case "invalid_fields":
    case "invalid_arguments":
    case "unknown_tool":
    case "ambiguous_tool":
      return rpcCodes.invalidParams;
    default:
      return statusOf(failure) * 100;
  }
}

/** Refusals that a client's transport acts on: it asks for another key, or waits. All else is told in band. */
function isForTransport(failure: Failure): boolean {
  const status = statusOf(failure);
  return status === 401 || status === 403 || status === 429;
}

type ServerError = Extract<Failure, { code: "server_error" }>;

/** The server's own error, as it was; but for codes that mean something else on this hop, or must not be used here. */
function serversOwn(failure: ServerError, era: Era, requestId: string): RpcError {
  const { rpcCode, rpcMessage, rpcData } = failure;
  const data = rpcData === undefined ? {} : { dataText: rpcData };
  if (rpcCode === rpcCodes.resourceNotFound && era === "modern") {
    return { code: rpcCodes.invalidParams, message: rpcMessage, ...data };
  }
  // What the client must be able to do, as the server sees it: on this hop it is so in the modern era only.
  if (rpcCode === rpcCodes.missingCapability && era === "modern") {
    return { code: rpcCode, message: rpcMessage, ...data, status: 400 };
  }
  if (isOfTheirHop(rpcCode, era)) {
    return { code: statusOf(failure) * 100, message: sentenceOf(failure), dataText: dataOf(failure, requestId) };
  }
  return { code: rpcCode, message: rpcMessage, ...data };
}

/** Codes about how we spoke to the server; and the one of the legacy era that the modern one forbids. */
function isOfTheirHop(code: number, era: Era): boolean {
  if (code === rpcCodes.urlElicitationRequired) return era === "modern";
  return (
    code === rpcCodes.headerMismatch || code === rpcCodes.missingCapability || code === rpcCodes.unsupportedVersion
  );
}

/** SEP-2164: the modern era has no code of its own for it. */
export function resourceNotFound(uri: string, era: Era): RpcOutcome {
  const code = era === "modern" ? rpcCodes.invalidParams : rpcCodes.resourceNotFound;
  return rpcError(code, "Resource not found", { dataText: JSON.stringify({ uri }) });
}

/**
 * A failed `tools/call` as a result of the tool, so that the model reads it: above all when nobody knows whether the
 * tool ran. Legacy clients hold `structuredContent` against the tool's output schema even in an error, and would show
 * that fault instead of this one; for them it stands in `_meta`.
 */
export function asToolResult(failure: Failure, era: Era, requestId: string): string {
  const data = dataOf(failure, requestId);
  const content = JSON.stringify([{ type: "text", text: `${failure.code}: ${sentenceOf(failure)}` }]);
  const structured = era === "modern" ? `"structuredContent":${data},` : "";
  return `{"content":${content},"isError":true,${structured}"_meta":{"patchbay/failure":${data}}}`;
}

/** A whole JSON-RPC error message. Without an id when the request's could not be read. */
export function errorText(idText: string | undefined, { code, message, dataText }: RpcError): string {
  const id = idText === undefined ? "" : `"id":${idText},`;
  const data = dataText === undefined ? "" : `,"data":${dataText}`;
  return `{"jsonrpc":"2.0",${id}"error":{"code":${code},"message":${JSON.stringify(message)}${data}}}`;
}
