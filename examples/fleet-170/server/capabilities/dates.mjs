import { date, whole } from "../inputs.mjs";

export const family = "Date arithmetic";
export const verb = "reckon";

const dayMs = 86_400_000;
const days = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / dayMs);
const write = (ms) => new Date(ms).toISOString().slice(0, 10);
const lengthOf = (year, month) => new Date(Date.UTC(year, month, 0)).getUTCDate();
const isLeap = (year) => lengthOf(year, 2) === 29;

function addMonths(day, months) {
  const [year, month, dayOfMonth] = day.split("-").map(Number);
  const first = new Date(Date.UTC(year, month - 1 + months, 1));
  const most = lengthOf(first.getUTCFullYear(), first.getUTCMonth() + 1);
  return write(first.getTime() + (Math.min(dayOfMonth, most) - 1) * dayMs);
}

/** ISO 8601: the week with the year's first Thursday is its first. */
function week(day) {
  const thursday = Date.parse(day) + (3 - ((new Date(day).getUTCDay() + 6) % 7)) * dayMs;
  const year = new Date(thursday).getUTCFullYear();
  return { year, week: 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * dayMs)) };
}

/** Gregorian Easter after Meeus, Astronomical Algorithms, chapter 8. */
function easter(year) {
  const [a, b, c] = [year % 19, Math.floor(year / 100), year % 100];
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 19 * l) / 433);
  const month = Math.floor((h + l - 7 * m + 90) / 25);
  return write(Date.UTC(year, month - 1, (h + l - 7 * m + 33 * month + 19) % 32));
}

function age(born, on) {
  const [years, later] = [Number(on.slice(0, 4)) - Number(born.slice(0, 4)), on.slice(5) >= born.slice(5)];
  return later ? years : years - 1;
}

const one = (says, of) => ({ says, takes: { date: date("the day") }, does: ({ date: day }) => of(day) });
const year = { year: whole("the year", 1583, 9999) };

export const variants = {
  difference: {
    says: "Counts the days from one date to another",
    takes: { from: date("the first day"), to: date("the other day") },
    does: ({ from, to }) => ({ days: days(from, to) }),
  },
  days: {
    says: "Adds days to a date",
    takes: { date: date("the day"), days: whole("how many", -100_000, 100_000) },
    does: ({ date: day, days: more }) => write(Date.parse(day) + more * dayMs),
  },
  months: {
    says: "Adds months to a date; a day that the month lacks becomes its last",
    takes: { date: date("the day"), months: whole("how many", -1200, 1200) },
    does: ({ date: day, months }) => addMonths(day, months),
  },
  weekday: one("Tells the day of the week", (day) =>
    new Date(day).toLocaleDateString("en", { weekday: "long", timeZone: "UTC" }),
  ),
  week: one("Tells the ISO 8601 week", week),
  ordinal: one("Tells which day of its year a date is", (day) => ({ day: 1 + days(`${day.slice(0, 4)}-01-01`, day) })),
  quarter: one("Tells the quarter of the year", (day) => ({ quarter: Math.ceil(Number(day.slice(5, 7)) / 3) })),
  unix: one("Tells the Unix time of a day's start in UTC", (day) => ({ seconds: Date.parse(day) / 1000 })),
  monthend: one(
    "Tells the last day of a date's month",
    (day) => `${day.slice(0, 8)}${lengthOf(...day.split("-").map(Number))}`,
  ),
  leap: { says: "Tells whether a year is a leap year", takes: year, does: (given) => ({ leap: isLeap(given.year) }) },
  easter: { says: "Tells the date of Easter Sunday", takes: year, does: (given) => easter(given.year) },
  age: {
    says: "Counts the full years between a birthday and a date",
    takes: { born: date("the birthday"), on: date("the day to count at") },
    does: ({ born, on }) => ({ years: age(born, on) }),
  },
};
