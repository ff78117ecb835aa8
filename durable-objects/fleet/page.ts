/** Keyset pages: one row more than asked for tells whether there is a next page. */
import type { Page } from "../../core/contract/fleet-rpc.ts";

const mostPerPage = 1_000;

/** One page must fit one RPC answer (32 MiB) whatever a caller asks for. */
export function pageSize(asked: number): number {
  return Math.min(Math.max(Math.trunc(asked) || 1, 1), mostPerPage);
}

export function pageOf<T>(rows: readonly T[], limit: number, keyOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last !== undefined ? { items, next: keyOf(last) } : { items };
}
