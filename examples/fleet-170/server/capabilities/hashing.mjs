import { createHash, getHashes } from "node:crypto";
import { crc32 } from "node:zlib";
import { text } from "../inputs.mjs";

export const family = "Checksums and hashes";
export const verb = "hash";

const byCrypto = ["md5", "sha1", "sha256", "sha384", "sha512", "sha3-256", "sha3-512"];

const digest = (name, given) => {
  if (!getHashes().includes(name)) throw new Error(`this Node has no ${name}`);
  return createHash(name).update(given).digest("hex");
};

export const variants = {
  ...Object.fromEntries(
    byCrypto.map((name) => [
      name,
      {
        says: `Computes the ${name} of a text's UTF-8 bytes, hexadecimal`,
        takes: { text: text("the text") },
        does: ({ text: given }) => digest(name, given),
      },
    ]),
  ),
  crc32: {
    says: "Computes the CRC-32 of a text's UTF-8 bytes, hexadecimal",
    takes: { text: text("the text") },
    does: ({ text: given }) => crc32(given).toString(16).padStart(8, "0"),
  },
};
