import { whole } from "../inputs.mjs";

export const family = "Number theory";
export const verb = "compute";

const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b));

function factors(of) {
  const found = [];
  for (let prime = 2, rest = of; rest > 1;) {
    if (rest % prime === 0) rest = found.push(prime) && rest / prime;
    else prime = prime * prime > rest ? rest : prime + 1;
  }
  return found;
}

function roman(of) {
  const [values, signs] = [
    [1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1],
    "M CM D CD C XC L XL X IX V IV I".split(" "),
  ];
  return values.reduce(
    (done, value, n) => {
      const rest = of - done.value;
      const times = Math.floor(rest / value);
      return { value: done.value + times * value, text: done.text + signs[n].repeat(times) };
    },
    { value: 0, text: "" },
  ).text;
}

function fibonacci(n) {
  let [a, b] = [0n, 1n];
  for (let at = 0; at < n; at += 1) [a, b] = [b, a + b];
  return String(a);
}

function collatz(from) {
  let [steps, highest] = [0, from];
  for (let at = from; at !== 1; steps += 1) highest = Math.max(highest, (at = at % 2 === 0 ? at / 2 : 3 * at + 1));
  return { steps, highest };
}

const factorial = (n) => String(Array.from({ length: n }, (_, at) => BigInt(at + 1)).reduce((a, b) => a * b, 1n));
const divisors = (of) => Array.from({ length: of }, (_, at) => at + 1).filter((one) => of % one === 0);
const totient = (of) => [...new Set(factors(of))].reduce((rest, prime) => rest - rest / prime, of);
const digits = (of) => Array.from(String(of)).reduce((sum, digit) => sum + Number(digit), 0);

const one = (says, of, least = 1, most = 1_000_000) => ({
  says,
  takes: { n: whole("the number", least, most) },
  does: ({ n }) => of(n),
});
const two = (says, of) => ({
  says,
  takes: { a: whole("one", 1), b: whole("the other", 1) },
  does: ({ a, b }) => of(a, b),
});

export const variants = {
  prime: one("Tells whether a number is prime", (n) => ({ prime: factors(n).length === 1 })),
  factors: one("Finds the prime factors", factors),
  divisors: one("Finds the divisors", divisors),
  gcd: two("Finds the greatest common divisor", (a, b) => gcd(a, b)),
  lcm: two("Finds the least common multiple", (a, b) => (a / gcd(a, b)) * b),
  roman: one("Writes a number in Roman numerals", roman, 1, 3999),
  binary: one("Writes a number in base 2", (n) => n.toString(2), 0),
  octal: one("Writes a number in base 8", (n) => n.toString(8), 0),
  hexadecimal: one("Writes a number in base 16", (n) => n.toString(16), 0),
  fibonacci: one("Computes a Fibonacci number", fibonacci, 0, 1000),
  factorial: one("Computes a factorial", factorial, 0, 500),
  collatz: one("Counts the Collatz steps down to 1", collatz),
  totient: one("Computes Euler's totient", totient),
  digits: one("Adds the digits", digits, 0),
};
