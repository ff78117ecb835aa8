/** What balancing goes by: one entry per replica that may be used. */
export interface Candidate {
  readonly replica: string;
  /** At least 0; one that recovers has less than its own (slow-start.ts). */
  readonly weight: number;
  readonly inFlight: number;
  /** A moving mean of its answers; 0 while nothing is known. */
  readonly latencyMs: number;
}

/** The dice, the turn and what to stick to: whatever a policy needs of these. */
export interface Draw {
  /** From 0 up to, not including, 1; as often as it is called. */
  readonly random01: () => number;
  /** Counts up with each call. */
  readonly turn: number;
  /** Calls with the same key go to the same replica: a session, an API key. */
  readonly key?: string;
}

/** All candidates, each once, in the order in which they are to be tried. */
export type Balancing = (candidates: readonly Candidate[], draw: Draw) => readonly Candidate[];
