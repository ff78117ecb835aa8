/**
 * What keeps a listening stream honest while it is open: it looks for changes, and whether its key is still good. Goes
 * on until the client has left or something says that it must end.
 */
import type { CancelSignal } from "../../../core/upstream/cancellation.ts";
import { pause } from "../../../core/upstream/pause.ts";
import { admit } from "../../leases/admissions.ts";
import type { Offering } from "../rpc-call.ts";
import type { Visit } from "../visit.ts";
import { lookAgainInMs } from "./changes.ts";

/** An open stream costs a call now and then, and ends soon after its key does. */
const checkKeyEveryMs = 30_000;

export type Listener = Pick<Visit, "house" | "identity"> & { readonly offering: Offering };

/** `look` says false when the stream must end. */
export async function attend(listener: Listener, signal: CancelSignal, look: () => Promise<boolean>): Promise<void> {
  for (let checkedAt = Date.now(); await paused(signal, lookAgainInMs(listener.offering));) {
    if (Date.now() - checkedAt >= checkKeyEveryMs) {
      checkedAt = Date.now();
      if (!(await isStillKnown(listener))) return;
    }
    if (!(await look())) return;
  }
}

/** A limit that is used up says nothing against the key, and neither does a shard that is away for a moment. */
async function isStillKnown({ house, identity }: Listener): Promise<boolean> {
  const admitted = await admit(house, identity);
  return admitted.ok || !admitted.failure.code.startsWith("key_");
}

/** False when the client has left. */
async function paused(signal: CancelSignal, ms: number): Promise<boolean> {
  await pause(ms, signal);
  return !signal.aborted;
}
