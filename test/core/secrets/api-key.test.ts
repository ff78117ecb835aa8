import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { digestKey, mintKey, readKey } from "../../../core/secrets/api-key.ts";
import { openKeyring } from "../../../core/secrets/keyring.ts";
import { both, old, young } from "./rings.ts";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const bodyLength = 67;

/** Made by another implementation (Python's hmac and zlib) from the secrets of ./rings.ts. */
const vectors = [
  {
    secret: old,
    key: "patchbay_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefpaOWzjdjHY5OZizf1GrgQ7",
    id: "0123456789",
    mac: "paOWzjdjHY5OZizf",
    digest: "XEWwOY6Hj97TVwSABtRK3CjvEu5qTRGvHon_GK6Yfr4",
  },
  {
    secret: young,
    key: "patchbay_aZ09bY18cX00000000000000000000000000000000EL9rLtE9Ii0YFGbW1N2BfL",
    id: "aZ09bY18cX",
    mac: "EL9rLtE9Ii0YFGbW",
    digest: "gTikumgBQ6P9TU0__DrzpRtICjR5P5EO3BUUZiRy44Q",
  },
] as const;

/** The key with a checksum that fits, as a forger would make it. */
function withChecksum(body: string): string {
  let rest = crc32(body);
  let checksum = "";
  for (let i = 0; i < 6; i++) {
    checksum = digits.charAt(rest % 62) + checksum;
    rest = Math.floor(rest / 62);
  }
  return body + checksum;
}

function randomText(length: number): string {
  return Array.from(randomBytes(length), (byte) => digits.charAt(byte % 62)).join("");
}

function* singleEdits(text: string, from = 0): Generator<string> {
  for (let at = from; at < text.length; at++) {
    for (const digit of digits) {
      if (digit !== text[at]) yield text.slice(0, at) + digit + text.slice(at + 1);
    }
  }
}

describe("the format is frozen", () => {
  test.each(vectors)("$key", async ({ secret, key, id, mac, digest }) => {
    const keyring = await openKeyring(secret);
    expect(await readKey(keyring, key)).toEqual({ id, mac });
    expect(await digestKey(keyring, key)).toBe(digest);
  });

  test("scanners find it by prefix and length", async () => {
    const { key } = await mintKey(await openKeyring(old));
    expect(key).toMatch(/^patchbay_[0-9A-Za-z]{64}$/);
  });
});

describe("minting", () => {
  test("a new key reads back, and its digest is what is kept of it", async () => {
    const keyring = await openKeyring(old);
    const { id, key, digest } = await mintKey(keyring);
    expect((await readKey(keyring, key))?.id).toBe(id);
    expect(await digestKey(keyring, key)).toBe(digest);
    expect(digest).not.toContain(key.slice(19, 51));
  });

  test("an id can be given, to rotate a key's secret", async () => {
    const keyring = await openKeyring(old);
    const [first, second] = [await mintKey(keyring, "0123456789"), await mintKey(keyring, "0123456789")];
    expect([first.id, second.id]).toEqual(["0123456789", "0123456789"]);
    expect(first.key).not.toBe(second.key);
    expect(first.digest).not.toBe(second.digest);
  });

  test("the hint shows the first characters of the id and the last of the checksum, nothing of the secret", async () => {
    const { key, hint } = await mintKey(await openKeyring(old), "AbCdEfGhIj");
    expect(hint).toBe(`patchbay_AbCd…${key.slice(-4)}`);
  });

  test("what is not an id is a bug", async () => {
    const keyring = await openKeyring(old);
    await expect(mintKey(keyring, "short")).rejects.toThrow("not the id");
    await expect(mintKey(keyring, "with-dash!")).rejects.toThrow("not the id");
  });

  test("every digit is equally likely in ids and secrets", async () => {
    const keyring = await openKeyring(old);
    const counts = new Map<string, number>();
    const keys = await Promise.all(Array.from({ length: 3_000 }, () => mintKey(keyring)));
    for (const { key } of keys) for (const digit of key.slice(9, 51)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
    // 126,000 digits: 2,032 of each, give or take 45. Taking bytes modulo 62 would give eight of them 2,461.
    for (const digit of digits) expect(Math.abs((counts.get(digit) ?? 0) - 2_032)).toBeLessThan(300);
    expect(new Set(keys.map(({ id }) => id)).size).toBe(3_000);
  });
});

describe("reading", () => {
  test("every edit of one character is refused", async () => {
    const keyring = await openKeyring(old);
    const { key } = vectors[0];
    for (const edited of singleEdits(key)) expect(await readKey(keyring, edited)).toBeUndefined();
    for (let at = 0; at < key.length; at++) {
      expect(await readKey(keyring, key.slice(0, at) + key.slice(at + 1))).toBeUndefined();
      expect(await readKey(keyring, `${key.slice(0, at)}0${key.slice(at)}`)).toBeUndefined();
      expect(await readKey(keyring, `${key.slice(0, at)}-${key.slice(at + 1)}`)).toBeUndefined();
    }
  });

  test("and so is every edit whose checksum fits", async () => {
    const keyring = await openKeyring(old);
    const body = vectors[0].key.slice(0, bodyLength);
    let tried = 0;
    for (const edited of singleEdits(body, "patchbay_".length)) {
      expect(await readKey(keyring, withChecksum(edited))).toBeUndefined();
      tried++;
    }
    expect(tried).toBe(58 * 61);
    expect(await readKey(keyring, withChecksum(body))).toBeDefined();
  });

  test("100,000 forged keys are refused, half of them with a checksum that fits", async () => {
    const keyring = await openKeyring(old);
    let letIn = 0;
    for (let round = 0; round < 100; round++) {
      const bodies = Array.from({ length: 500 }, () => `patchbay_${randomText(58)}`);
      const forged = bodies.flatMap((body) => [withChecksum(body), body + randomText(6)]);
      const verdicts = await Promise.all(forged.map((key) => readKey(keyring, key)));
      letIn += verdicts.filter((verdict) => verdict !== undefined).length;
    }
    expect(letIn).toBe(0);
  });

  test.each([
    ["nothing", ""],
    ["the prefix alone", "patchbay_"],
    ["another prefix", `Patchbay_${vectors[0].key.slice(9)}`],
    ["a blank at the end", `${vectors[0].key} `],
    ["two keys", vectors[0].key + vectors[0].key],
    ["characters beyond ASCII", `patchbay_${"é".repeat(64)}`],
    ["a megabyte", "patchbay_".repeat(120_000)],
  ])("%s is no key", async (_, presented) => {
    expect(await readKey(await openKeyring(old), presented)).toBeUndefined();
  });

  test("a key of another gateway is refused", async () => {
    const { key } = await mintKey(await openKeyring(young));
    expect(await readKey(await openKeyring(old), key)).toBeUndefined();
  });
});

describe("rotating PATCHBAY_SECRET", () => {
  test("keys that an older secret made are still read, and their stored digests stay true", async () => {
    const before = await mintKey(await openKeyring(old));
    const ring = await openKeyring(both);
    expect((await readKey(ring, before.key))?.id).toBe(before.id);
    expect(await digestKey(ring, before.key)).toBe(before.digest);
  });

  test("new keys are made with the newest, and outlive the old one", async () => {
    const made = await mintKey(await openKeyring(both));
    const ring = await openKeyring(young);
    expect((await readKey(ring, made.key))?.id).toBe(made.id);
    expect(await digestKey(ring, made.key)).toBe(made.digest);
  });

  test("when a secret leaves the ring its keys leave with it", async () => {
    expect(await readKey(await openKeyring(young), vectors[0].key)).toBeUndefined();
  });
});
