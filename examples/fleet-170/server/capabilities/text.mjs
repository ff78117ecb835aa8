import { text } from "../inputs.mjs";

export const family = "Text statistics";
export const verb = "measure";

const words = (of) => of.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];
const lower = (of) => words(of).map((word) => word.toLocaleLowerCase("en"));
const letters = (of) => [...of.toLocaleLowerCase("en")].filter((one) => /\p{L}/u.test(one));
const split = (of, by) => of.split(by).filter((part) => part.trim() !== "");

function tally(things) {
  const counts = new Map();
  for (const thing of things) counts.set(thing, (counts.get(thing) ?? 0) + 1);
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}

const one = (says, of) => ({ says, takes: { text: text("the text") }, does: ({ text: given }) => of(given) });

export const variants = {
  characters: one("Counts characters as people see them", (of) => ({
    characters: [...new Intl.Segmenter("en").segment(of)].length,
    bytes: Buffer.byteLength(of),
  })),
  words: one("Counts words", (of) => ({ words: words(of).length })),
  sentences: one("Counts sentences", (of) => ({ sentences: split(of, /[.!?…]+(?=\s|$)/).length })),
  paragraphs: one("Counts paragraphs", (of) => ({ paragraphs: split(of, /\n\s*\n/).length })),
  lines: one("Counts lines", (of) => ({
    lines: of.split("\n").length,
    empty: of.split("\n").filter((l) => !l.trim()).length,
  })),
  letters: one("Counts each letter", (of) => tally(letters(of))),
  frequency: one("Counts each word", (of) => tally(lower(of))),
  longest: one("Finds the longest word", (of) => words(of).toSorted((a, b) => b.length - a.length)[0] ?? ""),
  average: one("Computes the mean length of words", (of) => ({
    words: words(of).length,
    meanLength: words(of).length === 0 ? 0 : words(of).join("").length / words(of).length,
  })),
  reading: one("Estimates the time to read at 238 words a minute", (of) => ({
    words: words(of).length,
    seconds: Math.round((words(of).length / 238) * 60),
  })),
  diversity: one("Computes how many words are different ones", (of) => ({
    words: words(of).length,
    different: new Set(lower(of)).size,
  })),
  palindrome: one("Tells whether it reads the same backwards", (of) => ({
    palindrome: letters(of).join("") === letters(of).toReversed().join(""),
  })),
  initials: one("Takes the first letter of each word", (of) =>
    words(of)
      .map((word) => [...word][0])
      .join(""),
  ),
  repeats: one("Finds words that stand twice in a row", (of) =>
    lower(of).filter((word, n, all) => n > 0 && all[n - 1] === word),
  ),
};
