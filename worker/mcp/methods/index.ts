/** Every method of either era, a line each. What is not here does not exist: −32601. */
import type { Method } from "../rpc-call.ts";
import { complete } from "./completion-complete.ts";
import { discover } from "./discover.ts";
import { subscriptionsListen } from "./listen.ts";
import { setLevel } from "./log-level.ts";
import { ping } from "./ping.ts";
import { getPrompt } from "./prompts-get.ts";
import { listPrompts } from "./prompts-list.ts";
import { listResources, listTemplates } from "./resources-list.ts";
import { readResource } from "./resources-read.ts";
import { subscribeResource, unsubscribeResource } from "./resources-subscribe.ts";
import { cancelTask, getTask, updateTask } from "./tasks.ts";
import { callTool } from "./tools-call.ts";
import { listTools } from "./tools-list.ts";

export type MethodTable = Readonly<Record<string, Method>>;

const both: MethodTable = {
  "tools/list": listTools,
  "tools/call": callTool,
  "prompts/list": listPrompts,
  "prompts/get": getPrompt,
  "resources/list": listResources,
  "resources/templates/list": listTemplates,
  "resources/read": readResource,
  "completion/complete": complete,
};

/** `initialize` makes a session, so it is the door's own (initialize.ts). */
export const legacyMethods: MethodTable = {
  ...both,
  ping,
  "logging/setLevel": setLevel,
  "resources/subscribe": subscribeResource,
  "resources/unsubscribe": unsubscribeResource,
};

export const modernMethods: MethodTable = {
  ...both,
  "server/discover": discover,
  "subscriptions/listen": subscriptionsListen,
  "tasks/get": getTask,
  "tasks/update": updateTask,
  "tasks/cancel": cancelTask,
};

/** They change a session, so they need one. */
export const sessionMethods: ReadonlySet<string> = new Set([
  "logging/setLevel",
  "resources/subscribe",
  "resources/unsubscribe",
]);

/** A method may be called `constructor`, too. */
export function methodIn(table: MethodTable, method: string): Method | undefined {
  return Object.hasOwn(table, method) ? table[method] : undefined;
}
