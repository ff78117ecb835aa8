/**
 * What a client holds for us and gives back: the state of a call between its rounds, the id of a question, a task's id.
 * Each is encrypted and authenticated, bound by its context to the key, the endpoint and the very request that it was
 * made for, and ends; so it can be acted on without a lookup, and opens nowhere else.
 */
import { z } from "zod";
import { openKeyring } from "../../../core/secrets/keyring.ts";
import { seal, unseal } from "../../../core/secrets/seal.ts";
import type { House } from "../../house.ts";
import { offeringName } from "../offering.ts";
import type { RpcCall, Session } from "../rpc-call.ts";
import { digestOf } from "./digest.ts";

/** People take their time to answer a form. */
const stateLifeMs = 3_600_000;
/** Longer than any call waits. */
const askLifeMs = 600_000;

const stateSchema = z.union([
  /** The server's own state, raw JSON. */
  z.object({ is: z.literal("servers"), server: z.string(), stateText: z.string() }),
  /** The call waits in a shard. */
  z.object({ is: z.literal("parked"), server: z.string(), parkId: z.string() }),
]);
export type HeldState = z.infer<typeof stateSchema>;

const askSchema = z.union([
  /** A legacy server asked, under this id of its own, raw JSON. */
  z.object({
    is: z.literal("servers"),
    server: z.string(),
    replica: z.string(),
    idText: z.string(),
    replyUrl: z.string().optional(),
  }),
  /** A Worker waits for the answer at this box of this shard. */
  z.object({ is: z.literal("mail"), shard: z.number(), box: z.string(), key: z.string() }),
]);
export type HeldAsk = z.infer<typeof askSchema>;

const taskSchema = z.object({ server: z.string(), tool: z.string(), taskId: z.string() });
export type HeldTask = z.infer<typeof taskSchema>;

export async function sealState(call: RpcCall, state: HeldState): Promise<string> {
  return sealed(call.house, await stateContext(call), state, Date.now() + stateLifeMs);
}

/** Undefined for what was not sealed for this request, with these arguments, of this key at this endpoint. */
export async function openState(call: RpcCall, text: string): Promise<HeldState | undefined> {
  return opened(call.house, await stateContext(call), text, stateSchema);
}

export function sealAsk(house: House, session: Session, ask: HeldAsk): Promise<string> {
  return sealed(house, askContext(session), ask, Date.now() + askLifeMs);
}

export function openAsk(house: House, session: Session, id: string): Promise<HeldAsk | undefined> {
  return opened(house, askContext(session), id, askSchema);
}

export function sealTask(call: RpcCall, task: HeldTask, endsAt: number): Promise<string> {
  return sealed(call.house, taskContext(call), task, endsAt);
}

export function openTask(call: RpcCall, id: string): Promise<HeldTask | undefined> {
  return opened(call.house, taskContext(call), id, taskSchema);
}

async function stateContext({ caller, offering, method, paramsText }: RpcCall): Promise<string> {
  return ["state", caller.principal.keyId, offeringName(offering), await digestOf(method, paramsText)].join("\n");
}

/** A session belongs to one key and one endpoint. */
function askContext({ id, keyId }: Session): string {
  return ["ask", keyId, id].join("\n");
}

function taskContext({ caller, offering }: RpcCall): string {
  return ["task", caller.principal.keyId, offeringName(offering)].join("\n");
}

async function sealed(house: House, context: string, held: unknown, endsAt: number): Promise<string> {
  return seal(await openKeyring(house.env.PATCHBAY_SECRET), JSON.stringify({ endsAt, held }), context);
}

async function opened<T>(house: House, context: string, text: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const clear = await unseal(await openKeyring(house.env.PATCHBAY_SECRET), text, context);
  if (clear === undefined) return undefined;
  const read = z.object({ endsAt: z.number(), held: schema }).safeParse(JSON.parse(clear));
  return read.success && read.data.endsAt > Date.now() ? read.data.held : undefined;
}
