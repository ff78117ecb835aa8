import { number, whole } from "../inputs.mjs";

export const family = "Financial mathematics";
export const verb = "compute";

const percent = number("percent a year");
const years = whole("years", 1, 1000);
const amount = number("the amount");
const cents = (value) => Math.round(value * 100) / 100;

function payment({ amount: owed, percent: rate, years: over }) {
  const [monthly, months] = [rate / 1200, over * 12];
  const each = monthly === 0 ? owed / months : (owed * monthly) / (1 - (1 + monthly) ** -months);
  return { monthly: cents(each), total: cents(each * months) };
}

function growth({ from, to, years: over }) {
  if (from <= 0 || to <= 0) throw new Error("from and to have to be more than 0");
  return { percent: ((to / from) ** (1 / over) - 1) * 100 };
}

export const variants = {
  compound: {
    says: "Computes what an amount becomes with yearly compound interest",
    takes: { amount, percent, years },
    does: (given) => ({ amount: cents(given.amount * (1 + given.percent / 100) ** given.years) }),
  },
  present: {
    says: "Computes what a later amount is worth today",
    takes: { amount, percent, years },
    does: (given) => ({ amount: cents(given.amount / (1 + given.percent / 100) ** given.years) }),
  },
  loan: { says: "Computes the monthly payment of a loan", takes: { amount, percent, years }, does: payment },
  growth: {
    says: "Computes the yearly growth between two amounts",
    takes: { from: amount, to: amount, years },
    does: growth,
  },
  discount: {
    says: "Takes a percentage off",
    takes: { amount, percent: number("percent off") },
    does: (given) => ({ amount: cents(given.amount * (1 - given.percent / 100)) }),
  },
  tax: {
    says: "Adds a tax",
    takes: { amount, percent: number("percent of tax") },
    does: (given) => ({
      tax: cents((given.amount * given.percent) / 100),
      amount: cents(given.amount * (1 + given.percent / 100)),
    }),
  },
  doubling: {
    says: "Computes how many years double an amount",
    takes: { percent: number("percent a year, more than 0") },
    does: (given) => {
      if (given.percent <= 0) throw new Error("percent has to be more than 0");
      return { years: Math.log(2) / Math.log(1 + given.percent / 100) };
    },
  },
  split: {
    says: "Splits an amount in cents so that nothing is lost",
    takes: { cents: whole("the amount in cents", 0), people: whole("among how many", 1, 1000) },
    does: ({ cents: all, people }) =>
      Array.from({ length: people }, (_, n) => Math.floor(all / people) + (n < all % people ? 1 : 0)),
  },
};
