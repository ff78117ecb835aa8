import { describe, expect, test } from "vitest";
import { openKeyring } from "../../../core/secrets/keyring.ts";
import { both, old, young } from "./rings.ts";

describe("opening the keyring", () => {
  test("the newest secret is the first", async () => {
    const keyring = await openKeyring(both);
    expect(keyring.newest.kid).toBe("new");
    expect(keyring.all.map(({ kid }) => kid)).toEqual(["new", "old"]);
  });

  test("the same secret opens the same ring, another one another", async () => {
    const keyring = await openKeyring(old);
    expect(await openKeyring(old)).toBe(keyring);
    expect(await openKeyring(young)).not.toBe(keyring);
  });

  test("blanks around entries, as a file's last line has them, do no harm", async () => {
    const keyring = await openKeyring(` ${young} ,\n${old}\n`);
    expect(keyring.all.map(({ kid }) => kid)).toEqual(["new", "old"]);
  });

  test("derived keys cannot be taken out again", async () => {
    const { signing, digesting, sealing } = (await openKeyring(old)).newest;
    for (const key of [signing, digesting, sealing]) expect(key.extractable).toBe(false);
  });
});

describe("a faulty PATCHBAY_SECRET stops the gateway, and the message says what to do", () => {
  const short = btoa("x".repeat(31));
  test.each([
    ["", "is missing"],
    [" \n", "is missing"],
    ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "entry 1 is not 'kid:base64'"],
    [`${old},`, "entry 2 is not 'kid:base64'"],
    ["a:b:c", "entry 1 is not 'kid:base64'"],
    [":AAAA", "the kid of entry 1"],
    [`a.b:${btoa("x".repeat(32))}`, "the kid of entry 1"],
    ["k:***", "entry 1 ('k') is not base64"],
    [`k:${short}`, "entry 1 ('k') has 31 bytes, at least 32 are needed"],
    [`${old},k:${short}`, "entry 2 ('k') has 31 bytes"],
    [`${old},${old}`, "the kid 'old' stands twice"],
  ])("%j: %s", async (secret, message) => {
    await expect(openKeyring(secret)).rejects.toThrow(message);
    await expect(openKeyring(secret)).rejects.toThrow("openssl rand -base64 32");
  });

  test("one that is not set at all is missing, too", async () => {
    await expect(openKeyring(undefined as unknown as string)).rejects.toThrow("PATCHBAY_SECRET is missing");
  });

  test("the message does not show the secret", async () => {
    const secret = btoa("secret".repeat(5));
    const fault: unknown = await openKeyring(`k:${secret}`).catch((reason: unknown) => reason);
    expect(String(fault)).toContain("30 bytes");
    expect(String(fault)).not.toContain(secret);
  });
});
