/**
 * How long to wait before attempt number `attempt` (0 is the first repeat): full jitter below a ceiling
 * that doubles, so that clients which failed together do not come back together.
 */
export interface BackoffBounds {
  readonly baseMs: number;
  readonly capMs: number;
}

export function backoffMs(attempt: number, random01: number, { baseMs, capMs }: BackoffBounds): number {
  return Math.floor(random01 * Math.min(capMs, baseMs * 2 ** attempt));
}
