/**
 * The hash behind placement and shortened names. It is frozen: another one would send every API key to
 * a home without its bucket, move servers for nothing and rename tools under the clients' feet.
 * FNV-1a (draft-eastlake-fnv) over UTF-16 code units, then MurmurHash3's finalizer, which spreads the
 * low bits that FNV leaves alike in names such as `server-1`, `server-2`. Not for secrets.
 */
export function hashText(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ mixBits(seed);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mixBits(hash);
}

/** MurmurHash3's fmix32: a bijection on 32 bits in which every bit of the input moves every bit of the output. */
export function mixBits(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
