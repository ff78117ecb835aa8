/** The root admin key of the deployment's own secret: there before any object is, and when none answers. */
import type { Bindings } from "../house.ts";
import type { Identity } from "./index.ts";

/** A short key in a secret is a mistake that must not open the gateway. */
const minLength = 16;
const encoder = new TextEncoder();

export function identifyRootKey(env: Bindings, presented: string): Identity | undefined {
  const key = env.PATCHBAY_ADMIN_KEY;
  if (!key || key.length < minLength) return undefined;
  const expected = encoder.encode(key);
  const given = encoder.encode(presented);
  const sameLength = given.byteLength === expected.byteLength;
  const equal = crypto.subtle.timingSafeEqual(sameLength ? given : expected, expected);
  return sameLength && equal ? { kind: "root" } : undefined;
}
