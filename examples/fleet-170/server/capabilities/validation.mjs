import { isIPv4, isIPv6 } from "node:net";
import { text } from "../inputs.mjs";

export const family = "Validation";
export const verb = "check";

const digitsOf = (given) => [...given.replaceAll(/[\s-]/g, "")].map(Number);

function luhn(given) {
  const digits = digitsOf(given);
  const sum = digits
    .toReversed()
    .reduce((all, digit, n) => all + (n % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit), 0);
  return digits.length > 1 && sum % 10 === 0;
}

/** ISO 13616: letters become numbers, the first four characters go to the end, and 97 leaves 1. */
function iban(given) {
  const plain = given.replaceAll(" ", "").toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(plain)) return false;
  const numbers = [...(plain.slice(4) + plain.slice(0, 4))].map((one) => Number.parseInt(one, 36)).join("");
  return BigInt(numbers) % 97n === 1n;
}

function ean(given) {
  const digits = digitsOf(given);
  return digits.length === 13 && digits.reduce((sum, digit, n) => sum + digit * (n % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}

const checks = {
  luhn: { says: "Checks the Luhn check digit of a number", valid: luhn },
  iban: { says: "Checks the check digits of an IBAN", valid: iban },
  ean: { says: "Checks the check digit of an EAN-13 or ISBN-13", valid: ean },
  ip: { says: "Checks whether this is an IP address", valid: (given) => isIPv4(given) || isIPv6(given) },
  uuid: {
    says: "Checks whether this is a UUID",
    valid: (given) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(given),
  },
  url: { says: "Checks whether this is a URL", valid: (given) => URL.canParse(given) },
};

export const variants = Object.fromEntries(
  Object.entries(checks).map(([name, { says, valid }]) => [
    name,
    { says, takes: { value: text("what to check") }, does: ({ value }) => ({ valid: valid(value) }) },
  ]),
);
