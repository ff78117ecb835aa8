/** Headers of a modern request that must say what its body says (SEP-2243, server validation). */
import type { ParamHeader } from "../contract/call.ts";
import { refused, type Checked } from "./protocol-error.ts";

/** `paramHeaders`: of the tool that is called, once it is known. */
export function checkMirrored(
  headers: Headers,
  method: string,
  params: Readonly<Record<string, unknown>>,
  paramHeaders: readonly ParamHeader[] = [],
): Checked<undefined> {
  void [headers, method, params, paramHeaders];
  return refused(-32603, "not implemented", 501);
}
