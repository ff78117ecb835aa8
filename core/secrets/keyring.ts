/**
 * The operator's one secret, `kid:base64[,kid:base64]` with the newest first, and the keys derived from it.
 * To rotate, put a new one in front: it makes and seals from then on, the others still verify and open.
 * A fault in it is the operator's mistake at start, so it throws; the message never shows the secret.
 */
import { fromBase64 } from "./base64.ts";

/** What one secret of the ring is good for: a key of its own for each purpose (HKDF-SHA-256, RFC 5869). */
export interface SecretKeys {
  readonly kid: string;
  /** Signs the API keys themselves. */
  readonly signing: CryptoKey;
  /** Makes the digest by which an API key is stored. */
  readonly digesting: CryptoKey;
  readonly sealing: CryptoKey;
}

export interface Keyring {
  readonly newest: SecretKeys;
  /** The newest first. */
  readonly all: readonly [SecretKeys, ...SecretKeys[]];
}

const shortestSecret = 32;

/** The last ring opened, as a plain value: in workerd a promise belongs to the request that made it. */
let opened: { readonly secret: string; readonly keyring: Keyring } | undefined;

export async function openKeyring(secret: string): Promise<Keyring> {
  if (opened?.secret === secret) return opened.keyring;
  const entries = readEntries(secret);
  const [newest, ...older] = await Promise.all(entries.map(([kid, bytes]) => deriveKeys(kid, bytes)));
  if (newest === undefined) throw fault("is missing");
  const keyring: Keyring = { newest, all: [newest, ...older] };
  opened = { secret, keyring };
  return keyring;
}

function readEntries(secret: string): [string, Uint8Array<ArrayBuffer>][] {
  if (typeof secret !== "string" || secret.trim() === "") throw fault("is missing");
  const kids = new Set<string>();
  return secret.split(",").map((entry, index) => {
    const [kid = "", text, ...more] = entry.trim().split(":");
    const where = `entry ${index + 1}`;
    if (text === undefined || more.length > 0) throw fault(`is malformed: ${where} is not 'kid:base64'`);
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(kid)) {
      throw fault(`is malformed: the kid of ${where} must be 1 to 32 letters, digits, '_' or '-'`);
    }
    if (kids.has(kid)) throw fault(`is malformed: the kid '${kid}' stands twice`);
    kids.add(kid);
    const bytes = fromBase64(text);
    if (bytes === undefined) throw fault(`is malformed: ${where} ('${kid}') is not base64`);
    if (bytes.length < shortestSecret) {
      throw fault(`is too short: ${where} ('${kid}') has ${bytes.length} bytes, at least ${shortestSecret} are needed`);
    }
    return [kid, bytes];
  });
}

function fault(what: string): Error {
  return new Error(
    `PATCHBAY_SECRET ${what}. It is 'kid:base64[,kid:base64]', newest first; make one with: openssl rand -base64 32`,
  );
}

async function deriveKeys(kid: string, bytes: Uint8Array<ArrayBuffer>): Promise<SecretKeys> {
  const master = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
  const derive = (purpose: string, algorithm: SubtleCryptoImportKeyAlgorithm, usages: string[]) => {
    const label = new TextEncoder().encode(`patchbay/v1/${purpose}`);
    const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info: label };
    return crypto.subtle.deriveKey(hkdf, master, algorithm, false, usages);
  };
  const hmac = { name: "HMAC", hash: "SHA-256", length: 256 };
  const [signing, digesting, sealing] = await Promise.all([
    derive("api-key-mac", hmac, ["sign"]),
    derive("api-key-digest", hmac, ["sign"]),
    derive("seal", { name: "AES-GCM", length: 256 }, ["encrypt", "decrypt"]),
  ]);
  return { kid, signing, digesting, sealing };
}
