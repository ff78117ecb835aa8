/** Two administrators change one record: the one who read it before the other wrote would undo that change unseen. */
import type { AlertTarget } from "../../core/contract/alert-target.ts";
import type { KeyRecord } from "../../core/contract/key.ts";
import { failure, type Outcome } from "../../core/contract/outcome.ts";
import type { ServerRecord } from "../../core/contract/server.ts";
import type { Toolset } from "../../core/contract/toolset.ts";

/** Records come back as they were read, members in the same order, so their texts compare. */
export function changedSince<T extends AlertTarget | KeyRecord | ServerRecord | Toolset>(present: T, seen: T): boolean {
  return JSON.stringify(present) !== JSON.stringify(seen);
}

export function overtaken(): Outcome<never> {
  return failure({ code: "conflict", detail: "Someone else changed it at the same moment." });
}

/** Whoever revoked a key relies on it: no later change, and no change made from an older copy, brings it back. */
export function staysRevoked(): Outcome<never> {
  return failure({ code: "conflict", detail: "The key is revoked, and a revoked key stays revoked." });
}
