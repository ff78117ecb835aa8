/** Which literal addresses are not on the public internet (IANA special-purpose registries, RFC 6890). */

export type Reach = "loopback" | "private" | "public";

/** First address and prefix length. */
const privateV4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** Inside 2000::/3, outside of which nothing is public: Teredo and its kin, documentation, 6to4. */
const privateV6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

function v4Bits(address: string): bigint {
  return address.split(".").reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

/** An address as the URL parser writes it: hexadecimal groups, one `::` at most, never dotted. */
function v6Bits(address: string): bigint {
  const [head = "", tail] = address.split("::");
  const groups = (text: string | undefined) => (text ? text.split(":") : []);
  const before = groups(head);
  const after = groups(tail);
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return all.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

function inside(bits: bigint, range: bigint, width: number, prefix: number): boolean {
  const shift = BigInt(width - prefix);
  return bits >> shift === range >> shift;
}

export function reachOfV4(address: string): Reach {
  const bits = v4Bits(address);
  if (inside(bits, v4Bits("127.0.0.0"), 32, 8)) return "loopback";
  return privateV4.some(([range, prefix]) => inside(bits, v4Bits(range), 32, prefix)) ? "private" : "public";
}

/** Without brackets. Addresses that wrap a v4 one (mapped, NAT64) count as private whatever they wrap. */
export function reachOfV6(address: string): Reach {
  const bits = v6Bits(address);
  if (bits === 1n) return "loopback";
  if (!inside(bits, v6Bits("2000::"), 128, 3)) return "private";
  return privateV6.some(([range, prefix]) => inside(bits, v6Bits(range), 128, prefix)) ? "private" : "public";
}
