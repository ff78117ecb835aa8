/**
 * Headers of a modern request that must say what its body says (SEP-2243, server validation): whoever routes by a
 * header must not be told something else than the server that acts on the body.
 */
import type { ParamHeader } from "../contract/call.ts";
import { versionHeader, type Params } from "./classify.ts";
import { readHeaderValue } from "./header-value.ts";
import { isObject } from "./json-rpc.ts";
import { metaKeys } from "./meta.ts";
import { argumentAt, primitiveText } from "./param-headers.ts";
import { headerMismatch, refused, type Checked } from "./protocol-error.ts";

/** What `Mcp-Name` mirrors, by method; tasks are an extension's (SEP-2663). */
const named: ReadonlyMap<string, string> = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
  ["tasks/get", "taskId"],
  ["tasks/update", "taskId"],
  ["tasks/cancel", "taskId"],
]);

/** What a request is mirrored as in `Mcp-Name`; undefined when its method has no such thing, or its params lack it. */
export function mirroredName(method: string, params: Params): string | undefined {
  const field = named.get(method);
  const value = field === undefined ? undefined : params[field];
  return typeof value === "string" ? value : undefined;
}

/** `paramHeaders`: of the tool that is called, once it is known. */
export function checkMirrored(
  headers: Headers,
  method: string,
  params: Params,
  paramHeaders: readonly ParamHeader[] = [],
): Checked<undefined> {
  const meta = params["_meta"];
  const fault =
    differs("MCP-Protocol-Version", headers.get(versionHeader), isObject(meta) ? meta[metaKeys.protocolVersion] : "") ??
    differs("Mcp-Method", headers.get("mcp-method"), method) ??
    nameFault(headers.get("mcp-name"), method, params) ??
    paramFault(headers, params["arguments"], paramHeaders);
  return fault === undefined ? { ok: true, value: undefined } : refused(headerMismatch(fault));
}

function differs(header: string, given: string | null, body: unknown): string | undefined {
  if (given === null) return `${header} is missing`;
  return given === body ? undefined : `${header} says ${given}, the body ${String(body)}`;
}

function nameFault(given: string | null, method: string, params: Params): string | undefined {
  const name = mirroredName(method, params);
  // A body without the name is at fault itself, and its method will say so.
  if (name === undefined) return undefined;
  return given === null ? "Mcp-Name is missing" : differsDecoded("Mcp-Name", given, (said) => said === name);
}

function paramFault(headers: Headers, given: unknown, wanted: readonly ParamHeader[]): string | undefined {
  for (const { header, path } of wanted) {
    const value = argumentAt(given, path);
    const text = primitiveText(value);
    if (text === undefined) continue;
    const said = headers.get(header);
    if (said === null) return `${header} is missing`;
    const fault = differsDecoded(header, said, (decoded) => decoded === text || sameNumber(decoded, value));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function differsDecoded(header: string, given: string, same: (said: string) => boolean): string | undefined {
  const said = readHeaderValue(given);
  if (said === undefined) return `${header} is not validly encoded`;
  return same(said) ? undefined : `${header} does not say what the body says`;
}

/** `42.0` mirrors 42, too. */
function sameNumber(said: string, value: unknown): boolean {
  return typeof value === "number" && /^-?\d+(?:\.\d+)?$/.test(said) && Number(said) === value;
}
