/**
 * `subscriptions/listen`: first it is said what of the wish is granted, then what happens, each message with the id of
 * this request (2026-07-28, "subscriptions").
 */
import { isObject } from "../../../core/protocol/json-rpc.ts";
import { listChangedText, withSubscriptionId } from "../../../core/protocol/notifications.ts";
import { result, rpcError, type Method } from "../rpc-call.ts";
import { rpcCodes } from "../rpc-error.ts";
import { attend } from "../stream/attendance.ts";
import { changedLists, freshStampsOf, lists, stampsOf } from "../stream/changes.ts";
import { Ears } from "../stream/ears.ts";
import { listedServers, serversOf } from "../stream/wishes.ts";

const wishes = { tools: "toolsListChanged", prompts: "promptsListChanged", resources: "resourcesListChanged" } as const;
const mostUris = 500;

export const subscriptionsListen: Method = async (call) => {
  const { house, offering, params, idText, line } = call;
  const asked = params["notifications"];
  if (!isObject(asked)) return rpcError(rpcCodes.invalidParams, "The notifications are not an object");
  if (!line.carries) return rpcError(rpcCodes.invalidRequest, "The client must accept text/event-stream");
  const wanted = lists.filter((list) => asked[wishes[list]] === true);
  const uris = urisIn(asked["resourceSubscriptions"]);
  if (!uris)
    return rpcError(rpcCodes.invalidParams, `The resourceSubscriptions are not a list of at most ${mostUris} URIs`);
  let stamps = await freshStampsOf(house, offering);
  const { byServer: own } = await serversOf(call, uris);
  const heard = [...own.values()].flatMap((some) => [...some]);
  const granted = {
    ...Object.fromEntries(wanted.map((list) => [wishes[list], true])),
    ...(heard.length === 0 ? {} : { resourceSubscriptions: uris.filter((uri) => heard.includes(uri)) }),
  };
  const send = (text: string): void => line.send(withSubscriptionId(text, idText));
  const acknowledged = JSON.stringify({ notifications: granted });
  send(`{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":${acknowledged}}`);
  const conversation = { id: `listen:${crypto.randomUUID()}`, capabilitiesText: "{}" };
  const ears = new Ears(house, conversation, () => ({ updated: (_uri, text) => send(text) }));
  const listedNow = async (): Promise<readonly string[]> => (wanted.length === 0 ? [] : listedServers(call));
  let listed = await listedNow();
  ears.attend(own, listed);
  await attend(call, line.signal, async () => {
    const now = await stampsOf(house, offering);
    const changed = changedLists(stamps, now);
    stamps = now;
    for (const list of changed) if (wanted.includes(list)) send(listChangedText(list));
    if (changed.length > 0) listed = await listedNow();
    ears.attend(own, listed);
    return true;
  });
  house.waitUntil(ears.close());
  return result(`{"_meta":{"io.modelcontextprotocol/subscriptionId":${idText}}}`);
};

function urisIn(asked: unknown): readonly string[] | undefined {
  if (asked === undefined) return [];
  if (!Array.isArray(asked) || asked.length > mostUris) return undefined;
  const uris = asked.filter((uri): uri is string => typeof uri === "string");
  return uris.length === asked.length ? uris : undefined;
}
