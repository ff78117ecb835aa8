/** Keys that this gateway never made, from clumsy to well-informed: the last sort has the right shape and checksum. */
import { randomInt } from "node:crypto";
import { crc32 } from "node:zlib";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export function forgedKey(real: string, n: number): string {
  switch (n % 4) {
    case 0:
      return randomText(20 + (n % 60));
    case 1:
      return `patchbay_${randomText(64)}`;
    case 2:
      return withChecksum(`patchbay_${randomText(58)}`);
    default:
      return withChecksum(withOneCharChanged(real.slice(0, -6), n));
  }
}

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(62)]).join("");
}

function withOneCharChanged(text: string, n: number): string {
  const at = "patchbay_".length + (n % (text.length - "patchbay_".length));
  const other = alphabet[(alphabet.indexOf(text[at] ?? "") + 1 + (n % 61)) % 62];
  return text.slice(0, at) + other + text.slice(at + 1);
}

function withChecksum(text: string): string {
  let rest = crc32(text);
  let digits = "";
  for (let digit = 0; digit < 6; digit += 1) {
    digits = `${alphabet[rest % 62]}${digits}`;
    rest = Math.floor(rest / 62);
  }
  return text + digits;
}
