/**
 * `resources/subscribe` and `resources/unsubscribe`: kept with the session, and acted on by its listening stream, which
 * asks the server that has the resource (stream/listening.ts).
 */
import { result, rpcError, type Method, type RpcCall, type RpcOutcome } from "../rpc-call.ts";
import { resourceNotFound, rpcCodes } from "../rpc-error.ts";
import { changeState } from "../session-state.ts";
import { findResource } from "./find-resource.ts";

const longestUri = 8_192;

export const subscribeResource: Method = (call) => change(call, "subscribe");
export const unsubscribeResource: Method = (call) => change(call, "unsubscribe");

async function change(call: RpcCall, is: "subscribe" | "unsubscribe"): Promise<RpcOutcome> {
  const { house, client, params } = call;
  const { uri } = params;
  if (typeof uri !== "string" || uri === "" || uri.length > longestUri) {
    return rpcError(rpcCodes.invalidParams, `The uri must be text of at most ${longestUri} characters`);
  }
  if (!client.session) return rpcError(rpcCodes.invalidRequest, "Needs a session");
  // Who cannot be told of a change should not wait for one.
  const found = is === "subscribe" ? await findResource(call, uri) : undefined;
  if (found && !found.ok) return found;
  if (found && found.value === undefined) return resourceNotFound(uri, client.era);
  const changed = await changeState(house, client.session, { is, uri });
  if (!changed.ok) return changed;
  const isKept = changed.value.subscriptions.includes(uri) === (is === "subscribe");
  return isKept
    ? result("{}")
    : rpcError(rpcCodes.invalidRequest, "This session has all the subscriptions it may have");
}
