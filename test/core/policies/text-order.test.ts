import fc from "fast-check";
import { expect, it } from "vitest";
import { compareText } from "../../../core/policies/text-order.ts";

it("orders text as a database does that compares bytes of UTF-8", () => {
  const character = fc.constantFrom("a", "b", "é", "\u{D7FF}", "\u{E000}", "\u{FF5E}", "\u{10000}", "\u{1F600}");
  const word = fc.array(character, { maxLength: 6 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
