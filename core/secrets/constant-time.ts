/**
 * Takes the same time wherever two texts of one length differ. Node has no `crypto.subtle.timingSafeEqual`,
 * and workerd's throws on unequal lengths.
 */
export function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
