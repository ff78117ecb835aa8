/**
 * A value, or the reason there is none. Expected refusals travel as outcomes; a throw is a bug.
 * Outcomes cross RPC unharmed, which thrown errors do not: they lose their class on the way.
 */
import type { Failure } from "./failure.ts";

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export function success<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function failure(reason: Failure): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure: reason };
}
