/** Ways to say who one is. The first that recognises a credential wins; none does I/O. */
import type { Bindings } from "../house.ts";
import { identifyApiKey } from "./api-key.ts";
import { identifyRootKey } from "./root-key.ts";

export type Identity =
  | { readonly kind: "root" }
  /** `mac` names one secret of one key without being it, so that memory never holds the key as a lookup value. */
  | { readonly kind: "key"; readonly keyId: string; readonly mac: string; readonly presented: string };

export type Identify = (env: Bindings, presented: string) => Promise<Identity | undefined> | Identity | undefined;

const ways: readonly Identify[] = [identifyApiKey, identifyRootKey];

export async function identify(env: Bindings, presented: string): Promise<Identity | undefined> {
  for (const way of ways) {
    const identity = await way(env, presented);
    if (identity) return identity;
  }
  return undefined;
}
