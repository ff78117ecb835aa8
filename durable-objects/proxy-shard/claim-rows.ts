/** The rows of claims (claims.ts), and how many each API key holds. Read each time: few ask, and they may be long. */
import type { ClaimName, ClaimRecord } from "../../core/contract/claim.ts";
import type { Column, Store } from "./store.ts";

interface ClaimRow extends Record<string, Column> {
  readonly owner: string;
  readonly name: string;
  readonly attempt: string;
  readonly fingerprint: string;
  readonly server: string;
  readonly deadline_at: number;
  readonly ends_at: number;
  readonly sealed: string | null;
}

interface Sum {
  count: number;
  /** Characters. */
  held: number;
}

export class ClaimRows {
  readonly #store: Store;
  /** Counted on first use, kept up from then on. */
  readonly #sums = new Map<string, Sum>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Bytes of the whole object. */
  get stored(): number {
    return this.#store.bytes;
  }

  get({ owner, name }: ClaimName): ClaimRecord | undefined {
    const [row] = this.#store.rows<ClaimRow>("SELECT * FROM claim WHERE owner = ? AND name = ?", owner, name);
    return row && recordFrom(row);
  }

  /** In place of one that has ended, if there is one. */
  put(claim: ClaimRecord): void {
    const { owner, name, attempt, fingerprint, server, deadlineAt, endsAt, sealed } = claim;
    this.drop(claim);
    const sum = this.sumOf(owner);
    this.#store.rows(
      "INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      owner,
      name,
      attempt,
      fingerprint,
      server,
      deadlineAt,
      endsAt,
      sealed,
    );
    sum.count += 1;
    sum.held += sealed?.length ?? 0;
  }

  conclude({ owner, name }: ClaimName, sealed: string): void {
    const sum = this.sumOf(owner);
    this.#store.rows("UPDATE claim SET sealed = ? WHERE owner = ? AND name = ?", sealed, owner, name);
    sum.held += sealed.length;
  }

  drop({ owner, name }: ClaimName): void {
    const sum = this.sumOf(owner);
    const [gone] = this.#store.rows<{ held: number }>(
      "DELETE FROM claim WHERE owner = ? AND name = ? RETURNING coalesce(length(sealed), 0) AS held",
      owner,
      name,
    );
    if (gone === undefined) return;
    sum.count -= 1;
    sum.held -= gone.held;
  }

  sumOf(owner: string): Sum {
    const known = this.#sums.get(owner);
    if (known) return known;
    const [sum = { count: 0, held: 0 }] = this.#store.rows<{ count: number; held: number }>(
      "SELECT count(*) AS count, coalesce(sum(length(sealed)), 0) AS held FROM claim WHERE owner = ?",
      owner,
    );
    this.#sums.set(owner, sum);
    return sum;
  }

  /** When the next one ends, of all or of one API key; Infinity when there is none. */
  firstEnd(owner?: string): number {
    const query = "SELECT min(ends_at) AS at FROM claim";
    const [first] =
      owner === undefined
        ? this.#store.rows<{ at: number | null }>(query)
        : this.#store.rows<{ at: number | null }>(`${query} WHERE owner = ?`, owner);
    return first?.at ?? Infinity;
  }

  sweep(now: number): void {
    this.#store.rows("DELETE FROM claim WHERE ends_at <= ?", now);
    this.#sums.clear();
  }

  owners(): string[] {
    return this.#store.rows<{ owner: string }>("SELECT DISTINCT owner FROM claim").map(({ owner }) => owner);
  }

  someOf(owner: string, most: number): ClaimRecord[] {
    return this.#store.rows<ClaimRow>("SELECT * FROM claim WHERE owner = ? LIMIT ?", owner, most).map(recordFrom);
  }
}

function recordFrom({ deadline_at: deadlineAt, ends_at: endsAt, ...rest }: ClaimRow): ClaimRecord {
  return { ...rest, deadlineAt, endsAt };
}
