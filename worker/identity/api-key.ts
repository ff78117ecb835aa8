/** API keys: shape, checksum and MAC prove that this gateway made the key; whether it still holds is the admission's to say. */
import { readKey } from "../../core/secrets/api-key.ts";
import { openKeyring } from "../../core/secrets/keyring.ts";
import type { Bindings } from "../house.ts";
import type { Identity } from "./index.ts";

export async function identifyApiKey(env: Bindings, presented: string): Promise<Identity | undefined> {
  if (!presented.startsWith("patchbay_")) return undefined;
  const read = await readKey(await openKeyring(env.PATCHBAY_SECRET), presented);
  return read && { kind: "key", keyId: read.id, mac: read.mac, presented };
}
