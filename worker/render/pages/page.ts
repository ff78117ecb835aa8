/** What a client sees of one kind of failure. */
export interface FailurePage {
  readonly status: number;
  readonly title: string;
  readonly meaning: string;
  readonly fix: string;
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean;
}

export function page(status: number, title: string, meaning: string, fix: string, retryable = false): FailurePage {
  return { status, title, meaning, fix, retryable };
}
