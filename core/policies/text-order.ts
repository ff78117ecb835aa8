/**
 * The order in which the shards' database sorts text: by bytes of UTF-8, which is by code point. JavaScript compares
 * UTF-16 code units, and differs beyond U+FFFF; lists merged in another order than they are paged in lose entries.
 */
export function compareText(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  for (let at = 0; at < most; at += 1) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one !== other) return rank(one) - rank(other);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
