/**
 * A legacy client's response to what a server asked, posted by itself. The id that it answers is sealed and says where
 * the response belongs: to a legacy server, as it is, or to the call that waits for it at a shard.
 */
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";
import { notificationText } from "../../../core/protocol/json-rpc.ts";
import { memberText } from "../../../core/protocol/json-text.ts";
import { withMember } from "../../../core/protocol/result-text.ts";
import { reply } from "../../../core/upstream/reply.ts";
import type { House } from "../../house.ts";
import { connectionTo } from "../../leases/connection.ts";
import { askShard } from "../../objects.ts";
import { gather } from "../listing/gather.ts";
import type { Session } from "../rpc-call.ts";
import { declares } from "./capabilities.ts";
import { conversationOf } from "./for-legacy.ts";
import { openAsk, type HeldAsk } from "./sealed.ts";
import { networksOf } from "../../networks.ts";

const postMs = 30_000;

/** `messageText`: the whole message, valid JSON. */
export async function takeResponse(house: House, session: Session, messageText: string): Promise<Outcome<void>> {
  const id: unknown = JSON.parse(memberText(messageText, "id") ?? "null");
  const ask = typeof id === "string" ? await openAsk(house, session, id) : undefined;
  if (ask === undefined) return nobodyAsked("nothing was asked under this id, or too long ago");
  if (ask.is === "servers") {
    // The client has done its part when we have its message; how the server takes it is between the two of us.
    house.waitUntil(post(house, session, ask, withMember(messageText, "id", ask.idText)));
    return success(undefined);
  }
  const mail = `{"key":${JSON.stringify(ask.key)},"message":${messageText}}`;
  const delivered = await askShard(house.env, ask.shard, (shard) => shard.deliverMail(ask.box, mail));
  if (!delivered.ok) return delivered;
  return delivered.value ? success(undefined) : nobodyAsked("the call that asked this has ended");
}

/** The client's roots are others now: a legacy server that it has spoken to may have asked for them, and may again. */
export async function tellRootsChanged(house: House, session: Session): Promise<void> {
  if (!declares(session.capabilitiesText, "roots")) return;
  const { id } = conversationOf(session);
  const spokenTo = await gather(house, undefined, async (shard) => success(await shard.spokenTo(id)));
  if (!spokenTo.ok) return;
  await Promise.all(spokenTo.value.items.map((server) => tellRootsChangedTo(house, session, server)));
}

async function tellRootsChangedTo(house: House, session: Session, server: string): Promise<void> {
  const connected = await connectionTo(house, { server, conversation: conversationOf(session) });
  if (!connected.ok || connected.value.era !== "legacy" || connected.value.kind === "sse") return;
  const bounds = { deadlineAt: Date.now() + postMs, maxAnswerBytes: 65_536 };
  await reply(connected.value, server, notificationText("notifications/roots/list_changed"), bounds, networksOf(house));
}

function nobodyAsked(message: string): Outcome<never> {
  return failure({ code: "invalid_fields", fields: [{ path: "/id", message }] });
}

/** Over the conversation's connection: an answer is no call, and no limit counts it. */
async function post(
  house: House,
  session: Session,
  { server, replica, replyUrl }: Extract<HeldAsk, { is: "servers" }>,
  messageText: string,
): Promise<void> {
  const kept = await connectionTo(house, { server, conversation: conversationOf(session) }, replica);
  const bounds = { deadlineAt: Date.now() + postMs, maxAnswerBytes: 65_536 };
  const posted = kept.ok ? await reply(kept.value, server, messageText, bounds, networksOf(house), replyUrl) : kept;
  if (!posted.ok) console.warn("a response did not reach its server", server, posted.failure.code);
}
