/**
 * What other requests of a legacy session have to say to one of its calls that is being answered, perhaps in another
 * isolate: that it is cancelled, or that the client listens elsewhere now. It comes through boxes at the session's home
 * shard. The call itself stays where it is, with what it has said and what it will say: nothing is run again.
 */
import { z } from "zod";
import type { House } from "../../house.ts";
import { askShard } from "../../objects.ts";
import type { Session } from "../rpc-call.ts";
import type { CallLine, Onward, Told } from "./call-line.ts";

/** One wait for mail: short, since a wait whose call has ended keeps the shard awake. */
const waitMs = 10_000;
const pauseMs = 1_000;
export const beatMs = 10_000;
const tries = 5;

const mailSchema = z.discriminatedUnion("is", [
  z.object({ is: z.literal("cancel") }),
  z.object({ is: z.literal("resume"), stream: z.string(), after: z.number(), box: z.string() }),
  z.object({ is: z.literal("left"), box: z.string() }),
]);
export type CallMail = z.infer<typeof mailSchema>;

/** To who listens now. */
const onwardSchema = z.discriminatedUnion("is", [
  z.object({
    is: z.literal("told"),
    told: z.array(z.object({ event: z.number(), text: z.string().optional(), isLast: z.boolean() })),
  }),
  z.object({ is: z.literal("lost") }),
]);
export type OnwardMail = z.infer<typeof onwardSchema>;

/** `idText`: the request's id, raw JSON. */
export function callBox(session: Session, idText: string): string {
  return `cancel:${session.id}:${idText}`;
}

export function readOnward(text: string): OnwardMail {
  return onwardSchema.parse(JSON.parse(text));
}

/** True when it was taken, not when it was read. */
export async function post(house: House, session: Session, box: string, mail: CallMail | OnwardMail): Promise<boolean> {
  const taken = await askShard(house.env, session.shard, (shard) => shard.deliverMail(box, JSON.stringify(mail)));
  return taken.ok && taken.value;
}

/** Reads the call's mail until the call is over. */
export async function followMail(house: House, session: Session, idText: string, line: CallLine): Promise<void> {
  const box = callBox(session, idText);
  const over = line.over.then(() => "over" as const);
  let current: Forwarder | undefined;
  for (;;) {
    const mail = await Promise.race([
      over,
      askShard(house.env, session.shard, (shard) => shard.waitForMail(box, waitMs)),
    ]);
    if (mail === "over") return;
    if (!mail.ok) await Promise.race([over, scheduler.wait(pauseMs)]);
    if (!mail.ok || mail.value === undefined) continue;
    const read = mailSchema.parse(JSON.parse(mail.value));
    if (read.is === "cancel") line.abort();
    else if (read.is === "left") {
      if (read.box === current?.box) line.lost();
    } else if (read.stream === line.stream) {
      current?.stop();
      current = forwarder(house, session, read.box, line);
      if (line.moveTo(read.after, current.tell)) continue;
      current.stop();
      house.waitUntil(post(house, session, read.box, { is: "lost" }));
    }
  }
}

interface Forwarder {
  readonly box: string;
  readonly tell: Onward;
  stop(): void;
}

/** One mail at a time, each with all that was said meanwhile; an empty one now and then says that the call goes on. */
function forwarder(house: House, session: Session, box: string, line: CallLine): Forwarder {
  let waiting: Told[] = [];
  let busy = false;
  const beat = setInterval(() => house.waitUntil(pump()), beatMs);
  const pump = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    do {
      const told = waiting;
      waiting = [];
      const taken = await insist(() => post(house, session, box, { is: "told", told: [...told] }));
      const isLast = told.some((one) => one.isLast);
      if (!taken || isLast) clearInterval(beat);
      if (!taken) return line.lost();
      if (isLast) return line.delivered();
    } while (waiting.length > 0);
    busy = false;
  };
  const tell = (told: Told): void => {
    waiting.push(told);
    house.waitUntil(pump());
  };
  const stop = (): void => clearInterval(beat);
  void line.over.then(stop);
  return { box, tell, stop };
}

async function insist(attempt: () => Promise<boolean>): Promise<boolean> {
  for (let round = 1; round <= tries; round += 1) {
    if (await attempt()) return true;
    await scheduler.wait(200 * round);
  }
  return false;
}
