/** Listens to a stream for as long as it lasts. */
import { EventStream } from "./event-stream.ts";
import type { Pending } from "./pending.ts";
import { endedWithout, hear, nothingNoticed, type Say } from "./read-stream.ts";
import { refuse, type Refused } from "./refusal.ts";

/** A refusal: what it said cannot be listened to. */
export type HeardOut = { readonly is: "ended" | "broken" } | { readonly is: "refused"; readonly refused: Refused };

export async function hearOut(pending: Pending, stream: EventStream, say: Say): Promise<HeardOut> {
  const noticed = nothingNoticed();
  const heard = await hear(pending, stream, say, noticed);
  stream.close();
  if ("ok" in heard) {
    return {
      is: "refused",
      refused: heard.ok ? refuse(pending.x, "answer_invalid", "it answered what was not asked") : heard,
    };
  }
  if (heard.is === "broken") return heard;
  if (heard.is === "end") return { is: "ended" };
  return { is: "refused", refused: endedWithout(pending, stream, heard, noticed) };
}
