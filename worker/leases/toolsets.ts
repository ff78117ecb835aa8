/**
 * Toolsets as this isolate knows them: plain values, asked for anew after two seconds. While Fleet is away the last one
 * known serves; a change reaches every isolate within a lease's life otherwise.
 */
import { leaseLifeMs } from "../../core/contract/leases.ts";
import { failure, type Outcome } from "../../core/contract/outcome.ts";
import type { Toolset } from "../../core/contract/toolset.ts";
import type { House } from "../house.ts";
import { askFleet, flat } from "../objects.ts";

interface Known {
  /** That there is no such toolset is known, too, for as long: a client with a wrong address asks again and again. */
  readonly answer: Outcome<Toolset>;
  endsAt: number;
  /** From here on one request asks ahead under waitUntil, so that callers rarely wait. */
  renewAt: number;
  renewing: boolean;
}

/** Each up to 256 KiB. */
const mostKnown = 100;
const renewShare = 2 / 3;
/** How long a caller waits for news when there is something older to go by. */
const patienceMs = 1_000;

const known = new Map<string, Known>();

export async function toolsetOf(house: House, id: string): Promise<Outcome<Toolset>> {
  const held = known.get(id);
  const now = Date.now();
  if (!held || held.endsAt <= now) return ask(house, id);
  if (now >= held.renewAt && !held.renewing) {
    held.renewing = true;
    house.waitUntil(ask(house, id));
  }
  return held.answer;
}

/** After a change made here: the next request, if it comes to this isolate, sees it. */
export function forgetToolset(id: string): void {
  known.delete(id);
}

async function ask(house: House, id: string): Promise<Outcome<Toolset>> {
  const askedAt = Date.now();
  const held = known.get(id);
  const answer = await withPatience(held, askFleet(house.env, (fleet) => fleet.toolset(id)).then(flat));
  if (answer.ok || answer.failure.code === "unknown_toolset") {
    // An answer to a question from before the latest change must not be what is gone by.
    if (known.get(id) === held) keep(id, answer, askedAt);
    return answer;
  }
  if (!held?.answer.ok) return answer;
  // Not every caller has to find out anew that Fleet is away.
  held.endsAt = askedAt + leaseLifeMs;
  held.renewAt = askedAt + leaseLifeMs * renewShare;
  held.renewing = false;
  return held.answer;
}

function keep(id: string, answer: Outcome<Toolset>, askedAt: number): void {
  known.delete(id);
  known.set(id, {
    answer,
    endsAt: askedAt + leaseLifeMs,
    renewAt: askedAt + leaseLifeMs * renewShare,
    renewing: false,
  });
  const [oldest] = known.keys();
  if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
}

async function withPatience(held: Known | undefined, answer: Promise<Outcome<Toolset>>): Promise<Outcome<Toolset>> {
  if (!held?.answer.ok) return answer;
  const waiting = new AbortController();
  const away = (): Outcome<Toolset> => failure({ code: "fleet_unavailable" });
  const late = scheduler.wait(patienceMs, { signal: waiting.signal }).then(away, away);
  try {
    return await Promise.race([answer, late]);
  } finally {
    waiting.abort();
  }
}
