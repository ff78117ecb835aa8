import { text } from "../inputs.mjs";

export const family = "Naming conventions";
export const verb = "rename";

const parts = (of) =>
  of
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2")
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .map((part) => part.toLocaleLowerCase("en"));
const capital = (part) => part.charAt(0).toLocaleUpperCase("en") + part.slice(1);

const styles = {
  camel: (of) => of.map((part, n) => (n === 0 ? part : capital(part))).join(""),
  pascal: (of) => of.map(capital).join(""),
  snake: (of) => of.join("_"),
  kebab: (of) => of.join("-"),
  constant: (of) => of.join("_").toLocaleUpperCase("en"),
  title: (of) => of.map(capital).join(" "),
  sentence: (of) => capital(of.join(" ")),
  dotted: (of) => of.join("."),
};

export const variants = Object.fromEntries(
  Object.entries(styles).map(([style, join]) => [
    style,
    {
      says: `Writes a name in ${style} case`,
      takes: { name: text("the name") },
      does: ({ name }) => join(parts(name)),
    },
  ]),
);
