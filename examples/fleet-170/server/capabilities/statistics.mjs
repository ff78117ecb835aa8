import { numbers } from "../inputs.mjs";

export const family = "Descriptive statistics";
export const verb = "summarise";

const sum = (of) => of.reduce((a, b) => a + b, 0);
const mean = (of) => sum(of) / of.length;
const squares = (of) => sum(of.map((x) => (x - mean(of)) ** 2));

/** Linear interpolation between the nearest ranks. */
function quantile(of, share) {
  const sorted = of.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

function mode(of) {
  const counts = Map.groupBy(of, (x) => x);
  const most = Math.max(...[...counts.values()].map((same) => same.length));
  return [...counts].filter(([, same]) => same.length === most).map(([x]) => x);
}

function fit({ x, y }) {
  if (x.length !== y.length) throw new Error("x and y have to be of one length");
  const [mx, my, spread] = [mean(x), mean(y), squares(x)];
  if (spread === 0) throw new Error("x has to differ somewhere");
  const slope = sum(x.map((one, n) => (one - mx) * (y[n] - my))) / spread;
  const ofY = squares(y);
  return { slope, intercept: my - slope * mx, correlation: ofY === 0 ? null : slope * Math.sqrt(spread / ofY) };
}

const one = (says, of) => ({ says, takes: { values: numbers("the values") }, does: ({ values }) => of(values) });
const pairs = { x: numbers("the first of each pair"), y: numbers("the second of each pair") };

export const variants = {
  sum: one("Adds the values", (of) => ({ sum: sum(of) })),
  mean: one("Computes the mean", (of) => ({ mean: mean(of) })),
  median: one("Finds the median", (of) => ({ median: quantile(of, 0.5) })),
  mode: one("Finds the most frequent values", (of) => ({ mode: mode(of) })),
  range: one("Finds the least, the greatest and the range", (of) => {
    const [least, greatest] = [quantile(of, 0), quantile(of, 1)];
    return { least, greatest, range: greatest - least };
  }),
  variance: one("Computes the population variance", (of) => ({ variance: squares(of) / of.length })),
  deviation: one("Computes the population standard deviation", (of) => ({
    deviation: Math.sqrt(squares(of) / of.length),
  })),
  quartiles: one("Finds the quartiles", (of) => ({
    q1: quantile(of, 0.25),
    q2: quantile(of, 0.5),
    q3: quantile(of, 0.75),
  })),
  percentiles: one("Finds the 90th, 95th and 99th percentile", (of) => ({
    p90: quantile(of, 0.9),
    p95: quantile(of, 0.95),
    p99: quantile(of, 0.99),
  })),
  cumulative: one("Adds up step by step", (of) => of.map((_, n) => sum(of.slice(0, n + 1)))),
  regression: {
    says: "Fits a straight line by least squares",
    takes: pairs,
    does: (given) => ({ slope: fit(given).slope, intercept: fit(given).intercept }),
  },
  correlation: {
    says: "Computes Pearson's correlation",
    takes: pairs,
    does: (given) => ({ correlation: fit(given).correlation }),
  },
};
