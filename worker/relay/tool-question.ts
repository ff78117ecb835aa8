/** A tool call as the question to its server. */
import type { Route } from "../../core/contract/leases.ts";
import { paramHeadersOf } from "../../core/protocol/param-headers.ts";
import { isSafe } from "../../core/policies/retry-safety.ts";
import type { Question } from "./dial.ts";

/** `asked` is the name it was asked for by, which serves where the route knows no facts of the tool. */
export function toolQuestion({ tool, trusted }: Route, asked: string, argumentsText: string): Question {
  const name = tool?.name ?? asked;
  const mirrored = tool && tool.paramHeaders.length > 0 ? paramHeadersOf(tool.paramHeaders, argumentsText) : undefined;
  return {
    method: "tools/call",
    paramsText: `{"name":${JSON.stringify(name)},"arguments":${argumentsText}}`,
    name,
    ...(mirrored ? { paramHeaders: mirrored } : {}),
    safe: isSafe(tool, trusted),
  };
}
