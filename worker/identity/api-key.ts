/** API keys: shape, checksum and MAC prove that this gateway made the key; whether it still holds is the admission's to say. */
import { readKey } from "../../core/secrets/api-key.ts";
import { openKeyring } from "../../core/secrets/keyring.ts";
import type { Bindings } from "../house.ts";
import type { Identity } from "./index.ts";

type KeyIdentity = Extract<Identity, { kind: "key" }>;

/**
 * Keys whose MAC this isolate has checked, by the key's public id, so that a busy key is not hashed for every call.
 * The isolate holds the root secret itself, so this adds nothing to what its memory would give away.
 */
const checked = new Map<string, KeyIdentity>();
const maxChecked = 10_000;
const prefix = "patchbay_";
const idEnd = prefix.length + 10;

export function identifyApiKey(env: Bindings, presented: string): Promise<Identity | undefined> | Identity | undefined {
  if (!presented.startsWith(prefix)) return undefined;
  const known = checked.get(presented.slice(prefix.length, idEnd));
  return known && isSame(known.presented, presented) ? known : check(env, presented);
}

async function check(env: Bindings, presented: string): Promise<Identity | undefined> {
  const read = await readKey(await openKeyring(env.PATCHBAY_SECRET), presented);
  if (!read) return undefined;
  const identity: KeyIdentity = { kind: "key", keyId: read.id, mac: read.mac, presented };
  if (checked.size >= maxChecked) checked.clear();
  checked.set(read.id, identity);
  return identity;
}

/** Takes the same time wherever the keys differ. */
function isSame(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let at = 0; at < a.length; at += 1) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}
