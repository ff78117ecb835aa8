/**
 * Sealed text, `v1.kid.nonce.ciphertext`: AES-256-GCM under a fresh random nonce. The context says what the
 * text is and whose, and is authenticated with it: sealed text moved to another place does not open there.
 */
import { fromBase64Url, toBase64Url } from "./base64.ts";
import type { Keyring } from "./keyring.ts";

const version = "v1";
const nonceBytes = 12;

export async function seal(keyring: Keyring, text: string, context: string): Promise<string> {
  const { kid, sealing } = keyring.newest;
  const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const clear = new TextEncoder().encode(text);
  const ciphertext = await crypto.subtle.encrypt(algorithm(kid, nonce, context), sealing, clear);
  return [version, kid, toBase64Url(nonce), toBase64Url(new Uint8Array(ciphertext))].join(".");
}

/** Undefined for whatever this ring did not seal for this very context. */
export async function unseal(keyring: Keyring, sealed: string, context: string): Promise<string | undefined> {
  const [prefix, kid = "", nonceText = "", ciphertextText = "", ...more] = sealed.split(".");
  const keys = keyring.all.find((one) => one.kid === kid);
  const nonce = fromBase64Url(nonceText);
  const ciphertext = fromBase64Url(ciphertextText);
  if (prefix !== version || more.length > 0 || !keys || nonce?.length !== nonceBytes || !ciphertext) return undefined;
  try {
    const clear = await crypto.subtle.decrypt(algorithm(kid, nonce, context), keys.sealing, ciphertext);
    return new TextDecoder().decode(clear);
  } catch {
    // Web Crypto tells a wrong tag by throwing an OperationError that says nothing more.
    return undefined;
  }
}

function algorithm(kid: string, nonce: Uint8Array<ArrayBuffer>, context: string): SubtleCryptoEncryptAlgorithm {
  return { name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(`${version}.${kid}.${context}`) };
}
