/** Request ids: the client's own when it is fit for a log, else one of ours. */
const shape = /^[A-Za-z0-9._-]{1,64}$/;

let isolate = "";
let count = 0;

/**
 * Ours name the isolate and count in it: unique, and without the cost of random numbers for every call. Made on first
 * use, since isolates may not draw random numbers while they start.
 */
export function requestIdFor(given: string | null): string {
  if (given !== null && shape.test(given)) return given;
  isolate ||= crypto.randomUUID().slice(0, 13);
  count += 1;
  return `${isolate}-${count.toString(36)}`;
}
