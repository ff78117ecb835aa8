/** This machine's clock against the gateway's. Certificates, expiry of keys and every "since" depend on both. */
import type { Answer } from "../ask.ts";
import type { Finding } from "../finding.ts";

const noticeableMs = 5_000;
const harmfulMs = 300_000;

/** `Date` names whole seconds, so half a second is added. */
export function gatewayTimeIn({ headers }: Answer): number | undefined {
  const at = Date.parse(String(headers["date"] ?? ""));
  return Number.isNaN(at) ? undefined : at + 500;
}

export function judgeClock(gatewayNow: number, { askedAt, answeredAt }: Answer): Finding {
  const about = "clock";
  const skewMs = gatewayNow - (askedAt + answeredAt) / 2;
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const facts = { skewMs: Math.round(skewMs) };
  if (Math.abs(skewMs) <= noticeableMs) return { level: "ok", about, says: "both clocks agree", facts };
  const says = `the gateway's is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} this machine's`;
  const mend = "Let both set their clocks by NTP (on Linux: timedatectl set-ntp true).";
  return { level: Math.abs(skewMs) > harmfulMs ? "fail" : "warn", about, says, mend, facts };
}

export const noClock: Finding = {
  level: "note",
  about: "clock",
  says: "the gateway sends no Date, and without the scope servers:read nothing else tells its time",
};
