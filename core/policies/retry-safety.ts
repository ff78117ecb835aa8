/**
 * Whether a tool may be called again after a failure that leaves open whether it ran. The hints are the
 * server's own words and untrusted until an operator says otherwise (MCP 2025-11-25, ToolAnnotations).
 */
import type { ToolFacts } from "../contract/call.ts";

export function isSafe(facts: ToolFacts | undefined, trusted: boolean): boolean {
  return trusted && facts !== undefined && (facts.readOnly || facts.idempotent);
}
