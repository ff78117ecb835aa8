/** Nobody gives or takes more than they hold: else a key for making keys would be a key for everything. */
import type { Principal } from "../../../core/contract/key.ts";
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";
import { allows, type Scope } from "../../../core/contract/scope.ts";
import { allowed } from "../../../core/policies/names.ts";

interface Powers {
  readonly scopes: readonly Scope[];
  readonly tools?: readonly string[] | undefined;
}

/** Whether the caller may give a key these powers. */
export function mayGrant(caller: Principal, { scopes, tools }: Powers): Outcome<void> {
  const scope = scopes.find((wanted) => !allows(caller.scopes, wanted));
  if (scope !== undefined) return failure({ code: "scope_missing", scope });
  if (caller.tools === undefined) return success(undefined);
  if (tools === undefined) {
    const message = "must be given, since your own key may not use every tool";
    return failure({ code: "invalid_fields", fields: [{ path: "/tools", message }] });
  }
  const fields = tools.flatMap((pattern, index) =>
    covers(caller.tools, pattern) ? [] : [{ path: `/tools/${index}`, message: "is more than your own key may use" }],
  );
  return fields.length === 0 ? success(undefined) : failure({ code: "invalid_fields", fields });
}

/** Whether the caller may change a key that has these powers: to rotate a key is to hold it. */
export function mayTouch(caller: Principal, powers: Powers): Outcome<void> {
  const granted = mayGrant(caller, powers);
  return granted.ok || granted.failure.code === "scope_missing"
    ? granted
    : failure({ code: "scope_missing", scope: "admin" });
}

/** A pattern read as a name: only a star of the caller's own can cover a star in it, so nothing wider gets through. */
function covers(patterns: readonly string[] | undefined, pattern: string): boolean {
  return allowed(patterns, pattern);
}
