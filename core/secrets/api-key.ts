/**
 * API keys: `patchbay_` + id (10) + secret (32) + MAC (16) + CRC-32 (6), base62. The MAC lets a Worker refuse
 * a forged key without asking anyone; the CRC lets scanners and typos be told apart from keys, no more.
 * Regular expression for secret scanners: \bpatchbay_[0-9A-Za-z]{64}\b
 */
import { base62, isBase62, randomBase62 } from "./base62.ts";
import { toBase64Url } from "./base64.ts";
import { equalInConstantTime } from "./constant-time.ts";
import { crc32 } from "./crc32.ts";
import type { Keyring, SecretKeys } from "./keyring.ts";

const ascii = new TextEncoder();
const prefix = "patchbay_";
const idLength = 10;
const secretLength = 32;
const macLength = 16;
const crcLength = 6;
const macAt = prefix.length + idLength + secretLength;
const crcAt = macAt + macLength;
const keyLength = crcAt + crcLength;

export interface MintedKey {
  readonly id: string;
  /** Shown once, never kept. */
  readonly key: string;
  /** What is kept. */
  readonly digest: string;
  /** First and last characters, for people. */
  readonly hint: string;
}

/** Give the `id` of a key to rotate its secret. */
export async function mintKey(keyring: Keyring, id = randomBase62(idLength)): Promise<MintedKey> {
  if (id.length !== idLength || !isBase62(id, 0)) throw new Error(`not the id of an API key: '${id}'`);
  const body = `${prefix}${id}${randomBase62(secretLength)}`;
  const signed = `${body}${await macOf(keyring.newest, body)}`;
  const key = `${signed}${base62(crc32(signed, crcAt), crcLength)}`;
  const digest = await digestWith(keyring.newest, key);
  return { id, key, digest, hint: `${key.slice(0, prefix.length + 4)}…${key.slice(-4)}` };
}

/** `id` and `mac` of a key that this gateway made, whether or not it is still good. No I/O. */
export async function readKey(keyring: Keyring, presented: string): Promise<{ id: string; mac: string } | undefined> {
  if (!hasShape(presented)) return undefined;
  const signer = await signerOf(keyring, presented);
  if (signer === undefined) return undefined;
  return { id: presented.slice(prefix.length, prefix.length + idLength), mac: presented.slice(macAt, crcAt) };
}

/** By the secret of the ring that signed the key, so that a stored digest stays true when a newer one comes. */
export async function digestKey(keyring: Keyring, presented: string): Promise<string> {
  return digestWith((await signerOf(keyring, presented)) ?? keyring.newest, presented);
}

/** Characters are looked at before anything is computed: most of what is not a key ends here. */
export function hasShape(presented: string): boolean {
  if (presented.length !== keyLength || !presented.startsWith(prefix) || !isBase62(presented, prefix.length)) {
    return false;
  }
  return base62(crc32(presented, crcAt), crcLength) === presented.slice(crcAt);
}

async function signerOf(keyring: Keyring, presented: string): Promise<SecretKeys | undefined> {
  const body = presented.slice(0, macAt);
  const mac = presented.slice(macAt, crcAt);
  for (const keys of keyring.all) {
    if (equalInConstantTime(await macOf(keys, body), mac)) return keys;
  }
  return undefined;
}

/** 16 base62 digits, 95 bits: 48 bits of the HMAC for each half, since a number holds no more. */
async function macOf({ signing }: SecretKeys, body: string): Promise<string> {
  const view = new DataView(await crypto.subtle.sign("HMAC", signing, ascii.encode(body)));
  const half = (at: number): string => base62(view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2), macLength / 2);
  return half(0) + half(6);
}

async function digestWith({ digesting }: SecretKeys, key: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.sign("HMAC", digesting, ascii.encode(key))));
}
