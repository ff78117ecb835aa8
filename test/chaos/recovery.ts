/** When calls succeed again, without exception. */
import type { Finished, Load } from "./load.ts";
import { within } from "./stage.ts";

/** So long must every call succeed. */
const steadyMs = 1_000;
export const recoveryBoundMs = 20_000;

/** Answers when the first call of the unbroken row began, counted from `from`; undefined if it does not come in time. */
export async function untilRecovered(load: Load, from: number): Promise<number | undefined> {
  const good = (): number | undefined => firstOfRow(load.finished.filter(({ startedAt }) => startedAt >= from));
  const isSteady = (): boolean => {
    const first = good();
    return first !== undefined && performance.now() - first >= steadyMs;
  };
  if (!(await within(recoveryBoundMs, isSteady))) return undefined;
  return Math.max(0, (good() ?? from) - from);
}

function firstOfRow(calls: readonly Finished[]): number | undefined {
  const failed = calls.filter(({ saw }) => saw !== "ok").map(({ startedAt }) => startedAt);
  const lastFailure = Math.max(Number.NEGATIVE_INFINITY, ...failed);
  const good = calls.filter(({ startedAt }) => startedAt > lastFailure).map(({ startedAt }) => startedAt);
  // One good call may be luck: a breaker lets one try.
  return good.length < 5 ? undefined : Math.min(...good);
}
