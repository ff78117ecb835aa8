import { texts } from "../inputs.mjs";

export const family = "List operations";
export const verb = "arrange";

const one = (says, of) => ({ says, takes: { items: texts("the items") }, does: ({ items }) => of(items) });
const two = (says, of) => ({
  says,
  takes: { a: texts("one list"), b: texts("the other list") },
  does: ({ a, b }) => [...of(new Set(a), new Set(b))],
});

export const variants = {
  sort: one("Sorts by code point", (items) => items.toSorted()),
  unique: one("Keeps the first of what is there twice", (items) => [...new Set(items)]),
  reverse: one("Reverses the order", (items) => items.toReversed()),
  count: one("Counts each item", (items) =>
    Object.fromEntries([...Map.groupBy(items, (item) => item)].map(([item, same]) => [item, same.length])),
  ),
  union: two("Finds what is in either list", (a, b) => a.union(b)),
  common: two("Finds what is in both lists", (a, b) => a.intersection(b)),
  missing: two("Finds what is in the first list alone", (a, b) => a.difference(b)),
  different: two("Finds what is in one list alone", (a, b) => a.symmetricDifference(b)),
};
