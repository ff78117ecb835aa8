import { text } from "../inputs.mjs";

export const family = "Time zones";
export const verb = "local_time";

const zones = {
  auckland: "Pacific/Auckland",
  bangkok: "Asia/Bangkok",
  berlin: "Europe/Berlin",
  bogota: "America/Bogota",
  cairo: "Africa/Cairo",
  chicago: "America/Chicago",
  delhi: "Asia/Kolkata",
  denver: "America/Denver",
  dubai: "Asia/Dubai",
  helsinki: "Europe/Helsinki",
  honolulu: "Pacific/Honolulu",
  istanbul: "Europe/Istanbul",
  jakarta: "Asia/Jakarta",
  johannesburg: "Africa/Johannesburg",
  kathmandu: "Asia/Kathmandu",
  lagos: "Africa/Lagos",
  london: "Europe/London",
  nairobi: "Africa/Nairobi",
  rome: "Europe/Rome",
  seoul: "Asia/Seoul",
  singapore: "Asia/Singapore",
  sydney: "Australia/Sydney",
  tokyo: "Asia/Tokyo",
  toronto: "America/Toronto",
};

function local(instant, timeZone) {
  if (Number.isNaN(Date.parse(instant))) throw new Error("instant has to be a date and time, as 2026-01-31T12:00:00Z");
  return new Date(instant).toLocaleString("en-GB", { timeZone, dateStyle: "full", timeStyle: "long" });
}

export const variants = Object.fromEntries(
  Object.entries(zones).map(([city, timeZone]) => [
    city,
    {
      says: `Tells what the clocks in ${timeZone} show at an instant`,
      takes: { instant: text("date and time, as 2026-01-31T12:00:00Z") },
      does: ({ instant }) => local(instant, timeZone),
    },
  ]),
);
