/** What the servers say ran, and where that and what callers were told cannot both be true. */
import { existsSync, readFileSync } from "node:fs";
import type { Finished } from "./load.ts";

/** Mark to the servers it ran on, one entry for each run. */
export type Executed = ReadonlyMap<string, readonly string[]>;

export function readExecuted(log: string): Executed {
  const executed = new Map<string, string[]>();
  if (!existsSync(log)) return executed;
  for (const line of readFileSync(log, "utf8").split("\n")) {
    const [server, , mark] = line.split(" ");
    if (server === undefined || mark === undefined) continue;
    executed.set(mark, [...(executed.get(mark) ?? []), server]);
  }
  return executed;
}

export interface Lies {
  /** Successes that are not this call's answer, or whose tool never ran. */
  readonly wrong: readonly string[];
  /** Writing calls that ran more than once. */
  readonly twice: readonly string[];
  /** Failures that say the tool did not run, though it did. */
  readonly denied: readonly string[];
}

export function liesIn(calls: readonly Finished[], executed: Executed): Lies {
  const wrong: string[] = [];
  const twice: string[] = [];
  const denied: string[] = [];
  for (const { mark, server, sort, saw, execution, wrong: because } of calls) {
    const runs = executed.get(mark) ?? [];
    if (because !== undefined) wrong.push(because);
    else if (execution === "executed" && !runs.includes(server))
      wrong.push(`${mark}: success, but ${server} ran nothing`);
    if (sort === "write" && runs.length > 1) twice.push(`${mark}: ran on ${runs.join(", ")}; its caller saw ${saw}`);
    if (execution === "not_executed" && runs.length > 0) denied.push(`${mark}: '${saw}, not executed', but it ran`);
  }
  return { wrong, twice, denied };
}
