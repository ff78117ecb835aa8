/** One who changes things and remembers what was acknowledged, and how to find out whether it is still so. */
import type { HttpAnswer } from "../support/call-http.ts";
import type { Target } from "./load.ts";

export interface Work {
  readonly signal: AbortSignal;
  /** Else the first change in doubt ends the work. */
  readonly goesOn?: boolean;
}

export interface Changes {
  /** Of each change, in order: `ok`, a failure's code, or how there was no answer. */
  readonly saw: string[];
  work(target: Target, how: Work): Promise<void>;
  /** What is lost or half-done. */
  lost(target: Target): Promise<readonly string[]>;
}

/** `wrong`: takes the refusals that say the request was at fault. Nothing of it was: what it builds on is gone. */
export function sawOf({ status, body, text }: HttpAnswer, wrong: string[]): string {
  if (status < 300) return "ok";
  if (status < 500) wrong.push(`refused: ${text}`);
  return (body as { code?: string } | undefined)?.code ?? `${status} without a code`;
}
