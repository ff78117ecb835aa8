/**
 * What keeps a listening stream honest while it is open: it looks for changes, and whether its key is still good. Goes
 * on until the client has left or something says that it must end.
 */
import { admit } from "../../leases/admissions.ts";
import type { Visit } from "../visit.ts";
import { lookEveryMs } from "./changes.ts";

/** An open stream costs a call now and then, and ends soon after its key does. */
const checkKeyEveryMs = 30_000;

/** `look` says false when the stream must end. */
export async function attend(
  visit: Pick<Visit, "house" | "identity">,
  signal: AbortSignal,
  look: () => Promise<boolean>,
): Promise<void> {
  for (let checkedAt = Date.now(); await paused(signal, lookEveryMs);) {
    if (Date.now() - checkedAt >= checkKeyEveryMs) {
      checkedAt = Date.now();
      if (!(await isStillKnown(visit))) return;
    }
    if (!(await look())) return;
  }
}

/** A limit that is used up says nothing against the key, and neither does a shard that is away for a moment. */
async function isStillKnown({ house, identity }: Pick<Visit, "house" | "identity">): Promise<boolean> {
  const admitted = await admit(house, identity);
  return admitted.ok || !admitted.failure.code.startsWith("key_");
}

/** False when the client has left. */
async function paused(signal: AbortSignal, ms: number): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await scheduler.wait(ms, { signal });
    return true;
  } catch {
    return false;
  }
}
