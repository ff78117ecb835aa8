/**
 * `resources/subscribe` and `resources/unsubscribe`: kept with the session, and acted on by its listening stream, which
 * asks the server that has the resource (stream/listening.ts).
 */
import { result, rpcError, type Method, type RpcCall, type RpcOutcome } from "../rpc-call.ts";
import { rpcCodes } from "../rpc-error.ts";
import { changeState } from "../session-state.ts";

const longestUri = 8_192;

export const subscribeResource: Method = (call) => change(call, "subscribe");
export const unsubscribeResource: Method = (call) => change(call, "unsubscribe");

async function change({ house, client, params }: RpcCall, is: "subscribe" | "unsubscribe"): Promise<RpcOutcome> {
  const { uri } = params;
  if (typeof uri !== "string" || uri === "" || uri.length > longestUri) {
    return rpcError(rpcCodes.invalidParams, `The uri must be text of at most ${longestUri} characters`);
  }
  if (!client.session) return rpcError(rpcCodes.invalidRequest, "Needs a session");
  const changed = await changeState(house, client.session, { is, uri });
  if (!changed.ok) return changed;
  const isKept = changed.value.subscriptions.includes(uri) === (is === "subscribe");
  return isKept
    ? result("{}")
    : rpcError(rpcCodes.invalidRequest, "This session has all the subscriptions it may have");
}
