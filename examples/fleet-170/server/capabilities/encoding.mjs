import { text } from "../inputs.mjs";

export const family = "Text encoding";
export const verb = "encode";

const morse = Object.fromEntries(
  (
    "a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. q--.- r.-. s... t- u..- v...- " +
    "w.-- x-..- y-.-- z--.. 0----- 1.---- 2..--- 3...-- 4....- 5..... 6-.... 7--... 8---.. 9----."
  )
    .split(" ")
    .map((code) => [code[0], code.slice(1)]),
);
const spelling = Object.fromEntries(
  (
    "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo " +
    "Sierra Tango Uniform Victor Whiskey Xray Yankee Zulu"
  )
    .split(" ")
    .map((word) => [word[0].toLowerCase(), word]),
);
const marks = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const bytes = (of) => Buffer.from(of, "utf8");
const spelled = (of, table) => [...of.toLowerCase()].map((one) => table[one] ?? one).join(" ");
const rotate = (code, first) => String.fromCharCode(((code - first + 13) % 26) + first);

const encoders = {
  base64: (of) => bytes(of).toString("base64"),
  base64url: (of) => bytes(of).toString("base64url"),
  hexadecimal: (of) => bytes(of).toString("hex"),
  binary: (of) => [...bytes(of)].map((byte) => byte.toString(2).padStart(8, "0")).join(" "),
  percent: (of) => encodeURIComponent(of.toWellFormed()),
  html: (of) => of.replaceAll(/[&<>"']/g, (mark) => marks[mark]),
  json: (of) => JSON.stringify(of),
  morse: (of) => spelled(of, morse),
  spelling: (of) => spelled(of, spelling),
  rot13: (of) => of.replaceAll(/[a-z]/gi, (one) => rotate(one.charCodeAt(0), one >= "a" ? 97 : 65)),
  codepoints: (of) =>
    [...of].map((one) => `U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`).join(" "),
  reversed: (of) =>
    [...new Intl.Segmenter("en").segment(of)]
      .map(({ segment }) => segment)
      .toReversed()
      .join(""),
};

export const variants = Object.fromEntries(
  Object.entries(encoders).map(([name, does]) => [
    name,
    { says: `Encodes a text: ${name}`, takes: { text: text("the text") }, does: ({ text: given }) => does(given) },
  ]),
);
