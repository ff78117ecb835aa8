/** A replica that has come back gets its share little by little: its caches are cold, and a full load may fell it again. */
export interface SlowStart {
  readonly windowMs: number;
  /** The share it starts with. */
  readonly least: number;
}

export const usualSlowStart: SlowStart = { windowMs: 30_000, least: 0.1 };

/** What to multiply its weight by. `since`: when it came back; undefined: it has been there all along. */
export function warmth(
  since: number | undefined,
  now: number,
  { windowMs, least }: SlowStart = usualSlowStart,
): number {
  if (since === undefined) return 1;
  const share = (now - since) / windowMs;
  return Math.min(1, Math.max(least, share));
}
