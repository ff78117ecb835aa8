import { describe, expect, test } from "vitest";
import { openKeyring } from "../../../core/secrets/keyring.ts";
import { seal, unseal } from "../../../core/secrets/seal.ts";
import { both, old, young } from "./rings.ts";

const text = "Bearer s3cret ☃";
const context = "server:memory";
/** Made by another implementation (Python's cryptography) from the first secret of ./rings.ts. */
const sealedElsewhere = "v1.old.ZGVmZ2hpamtsbW5v.y1fFYRZ-uoJSlvNOAGnLPEYi3jRiY47WHOnxuvNn-nKJ";

describe("sealing", () => {
  test("what is sealed opens again, whatever it is", async () => {
    const keyring = await openKeyring(old);
    for (const one of ["", text, "\u0000", "x".repeat(200_000)]) {
      expect(await unseal(keyring, await seal(keyring, one, context), context)).toBe(one);
    }
  });

  test("the format is frozen", async () => {
    expect(await unseal(await openKeyring(old), sealedElsewhere, context)).toBe(text);
    expect(await seal(await openKeyring(both), text, context)).toMatch(/^v1\.new\.[\w-]{16}\.[\w-]+$/);
  });

  test("the same text is sealed differently every time", async () => {
    const keyring = await openKeyring(old);
    const sealed = await Promise.all(Array.from({ length: 1_000 }, () => seal(keyring, text, context)));
    expect(new Set(sealed.map((one) => one.split(".")[2])).size).toBe(1_000);
    expect(sealed.some((one) => one.includes(btoa("Bearer s3cret")))).toBe(false);
  });
});

describe("opening", () => {
  test("a single character changed anywhere, in any way, opens nothing", async () => {
    const keyring = await openKeyring(old);
    for (let at = 0; at < sealedElsewhere.length; at++) {
      for (let code = 0; code < 128; code++) {
        const character = String.fromCharCode(code);
        if (character === sealedElsewhere[at]) continue;
        const changed = sealedElsewhere.slice(0, at) + character + sealedElsewhere.slice(at + 1);
        expect(await unseal(keyring, changed, context)).toBeUndefined();
      }
      expect(await unseal(keyring, sealedElsewhere.slice(0, at), context)).toBeUndefined();
    }
  });

  test("another spelling of the same bytes opens nothing", async () => {
    const keyring = await openKeyring(old);
    expect(await unseal(keyring, sealedElsewhere.replaceAll("-", "+"), context)).toBeUndefined();
    expect(await unseal(keyring, `${sealedElsewhere}=`, context)).toBeUndefined();
    expect(await unseal(keyring, `${sealedElsewhere}.`, context)).toBeUndefined();
    expect(await unseal(keyring, ` ${sealedElsewhere}`, context)).toBeUndefined();
  });

  test("in another place it opens nothing", async () => {
    const keyring = await openKeyring(old);
    for (const other of ["", "server:memory2", "server:Memory", "server"]) {
      expect(await unseal(keyring, sealedElsewhere, other)).toBeUndefined();
    }
  });

  test("an older secret of the ring still opens, one that is not in it does not", async () => {
    expect(await unseal(await openKeyring(both), sealedElsewhere, context)).toBe(text);
    expect(await unseal(await openKeyring(young), sealedElsewhere, context)).toBeUndefined();
  });

  test("a secret under another kid does not open, even if it is the same", async () => {
    const renamed = await openKeyring(old.replace("old:", "older:"));
    expect(await unseal(renamed, sealedElsewhere.replace(".old.", ".older."), context)).toBeUndefined();
  });

  test("what was never sealed opens nothing", async () => {
    const keyring = await openKeyring(old);
    for (const one of ["", "v1", "v1.old", "v1.old.", "v1.old..", "....", "hello", "v1.old.AAAAAAAAAAAAAAAA.AAAA"]) {
      expect(await unseal(keyring, one, context)).toBeUndefined();
    }
  });
});
