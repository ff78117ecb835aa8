import fc from "fast-check";
import { expect, it } from "vitest";
import { earn, fullBudget, spend } from "../../../core/policies/retry-budget.ts";

it("never adds more than a tenth to the load, but for three", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 2_000 }), (wishes) => {
      let budget = fullBudget();
      let retries = 0;
      for (const [index, wantsRetry] of wishes.entries()) {
        budget = earn(budget);
        const left = wantsRetry ? spend(budget) : undefined;
        if (left) {
          budget = left;
          retries += 1;
        }
        expect(retries).toBeLessThanOrEqual((index + 1) / 10 + 3 + 1e-6);
      }
    }),
  );
});

it("lets every tenth call be repeated when all of them want to", () => {
  let budget = fullBudget();
  let retries = 0;
  for (let calls = 0; calls < 1_000; calls += 1) {
    budget = earn(budget);
    const left = spend(budget);
    if (left === undefined) continue;
    budget = left;
    retries += 1;
  }
  expect(retries).toBeGreaterThanOrEqual(102);
  expect(retries).toBeLessThanOrEqual(103);
});

it("saves up no more than thirty in quiet times", () => {
  let budget = fullBudget();
  for (let calls = 0; calls < 100_000; calls += 1) budget = earn(budget);
  let retries = 0;
  for (let left = spend(budget); left; left = spend(left)) retries += 1;
  expect(retries).toBe(30);
});
