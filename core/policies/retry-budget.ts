/**
 * How much may be sent again: each first attempt earns a tenth of a retry, a retry costs one. So retries add a tenth to
 * the load at most, plus the small reserve, and a server in trouble is not finished off by those who mean well.
 */
export interface RetryBudget {
  readonly balance: number;
}

const earned = 0.1;
const reserve = 3;
const most = 30;

export function fullBudget(): RetryBudget {
  return { balance: reserve };
}

/** A first attempt goes out. */
export function earn({ balance }: RetryBudget): RetryBudget {
  return { balance: Math.min(most, balance + earned) };
}

/** Undefined: there is nothing left to spend. */
export function spend({ balance }: RetryBudget): RetryBudget | undefined {
  // Tenths do not add up exactly.
  return balance < 1 - 1e-9 ? undefined : { balance: Math.max(0, balance - 1) };
}
