/**
 * `subscriptions/listen`: first it is said what of the wish is granted, then what happens, each message with the id of
 * this request (2026-07-28, "subscriptions").
 */
import { isObject } from "../../../core/protocol/json-rpc.ts";
import { listChangedText, withSubscriptionId } from "../../../core/protocol/notifications.ts";
import { result, rpcError, type Method } from "../rpc-call.ts";
import { rpcCodes } from "../rpc-error.ts";
import { attend } from "../stream/attendance.ts";
import { changedLists, lists, stampsOf } from "../stream/changes.ts";

const wishes = { tools: "toolsListChanged", prompts: "promptsListChanged", resources: "resourcesListChanged" } as const;

export const subscriptionsListen: Method = async (call) => {
  const { house, offering, params, idText, line } = call;
  const asked = params["notifications"];
  if (!isObject(asked)) return rpcError(rpcCodes.invalidParams, "The notifications are not an object");
  if (!line.carries) return rpcError(rpcCodes.invalidRequest, "The client must accept text/event-stream");
  const wanted = lists.filter((list) => asked[wishes[list]] === true);
  const granted = Object.fromEntries(wanted.map((list) => [wishes[list], true]));
  const send = (text: string): void => line.send(withSubscriptionId(text, idText));
  let stamps = await stampsOf(house, offering);
  send(
    `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":${JSON.stringify(granted)}}}`,
  );
  await attend(call, line.signal, async () => {
    const now = await stampsOf(house, offering);
    const changed = changedLists(stamps, now);
    stamps = now;
    for (const list of changed) if (wanted.includes(list)) send(listChangedText(list));
    return true;
  });
  return result(`{"_meta":{"io.modelcontextprotocol/subscriptionId":${idText}}}`);
};
