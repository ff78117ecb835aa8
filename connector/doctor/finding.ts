/** What a check has found. `fail`: something that should work does not. `warn`: it works, but not for everybody. */
export type Level = "ok" | "note" | "warn" | "fail";

export interface Finding {
  readonly level: Level;
  /** What was looked at: `certificate`, `key`, `server memory`. */
  readonly about: string;
  readonly says: string;
  /** How to mend it. */
  readonly mend?: string;
  /** For programs: what `says` was made of. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** A check says what it finds as soon as it has found it. */
export type Findings<T = void> = AsyncGenerator<Finding, T, void>;
