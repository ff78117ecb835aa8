/**
 * Listens to one server for as long as a client listens to us: over a connection of its own where the server keeps
 * sessions, since it allows one such stream in each. What was missed while no stream was open cannot be had again, so
 * with each opening what is subscribed to counts as changed.
 */
import type { Connection } from "../../../core/contract/call.ts";
import type { Conversation } from "../../../core/contract/conversation.ts";
import { memberText } from "../../../core/protocol/json-text.ts";
import { exchange } from "../../../core/upstream/exchange.ts";
import type { Hooks } from "../../../core/upstream/link.ts";
import { listenTo } from "../../../core/upstream/listen.ts";
import type { House } from "../../house.ts";
import { connectionTo } from "../../leases/connection.ts";
import type { RouteWish } from "../../leases/routes.ts";
import { heal } from "../../relay/dial.ts";
import { noteListChanged } from "./hearsay.ts";
import { networksOf } from "../../networks.ts";

/** Nothing that is pushed is larger. */
const mostEventBytes = 4 * 1024 * 1024;
const subscribeMs = 10_000;
/** A server that ends a stream this soon has none to offer. */
const briefMs = 1_000;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

export interface EarWish {
  readonly server: string;
  readonly conversation: Conversation;
  /** Resources that are subscribed to there. */
  readonly uris: ReadonlySet<string>;
}

export interface Mouth {
  /** One of the wish's resources has changed, or a part of it, or may have. */
  updated(uri: string, text: string): void;
  /** Everything else that the server says by itself. */
  said?(text: string, method: string): void;
  onRequest?: Hooks["onRequest"];
}

/** What is heard of this replica. */
export type MouthOf = (replica: string) => Mouth;

export async function keepListening(house: House, wish: EarWish, mouthOf: MouthOf, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    const openedAt = Date.now();
    await listenOnce(house, wish, mouthOf, signal);
    failures = Date.now() - openedAt < briefMs ? failures + 1 : 0;
    await pause(Math.min(firstPauseMs * 2 ** failures, longestPauseMs), signal);
  }
}

async function listenOnce(house: House, wish: EarWish, mouthOf: MouthOf, signal: AbortSignal): Promise<void> {
  const { server, conversation, uris } = wish;
  const way: RouteWish = { server, conversation };
  const connected = await connectionTo(house, way);
  if (!connected.ok || signal.aborted) return;
  const connection = connected.value;
  if (!(await subscribe(house, wish, connection, signal))) return void (await heal(house, way, connection));
  const mouth = mouthOf(connection.replica);
  const onOpen = (): void => {
    for (const uri of uris) mouth.updated(uri, updatedText(uri));
  };
  const hooks: Hooks = {
    onOpen,
    onNotification: (text, method) => {
      if (method.endsWith("/list_changed")) return noteListChanged(house, server);
      // How a modern server says that it listens.
      if (method === "notifications/subscriptions/acknowledged") return onOpen();
      if (method !== "notifications/resources/updated") return mouth.said?.(text, method);
      const uri: unknown = JSON.parse(memberText(memberText(text, "params") ?? "{}", "uri") ?? "null");
      // A server may name a part of what is subscribed to.
      const subscribed = typeof uri === "string" ? [...uris].find((one) => uri.startsWith(one)) : undefined;
      if (subscribed !== undefined) mouth.updated(subscribed, text);
    },
    onRequest: (request) => mouth.onRequest?.(request) ?? false,
  };
  const filter = {
    toolsListChanged: true,
    promptsListChanged: true,
    resourcesListChanged: true,
    ...(uris.size === 0 ? {} : { resourceSubscriptions: [...uris] }),
  };
  const bounds = { deadlineAt: Infinity, maxAnswerBytes: mostEventBytes, signal };
  const ended = await listenTo(connection, server, filter, hooks, bounds, networksOf(house));
  if (!ended.ok && ended.failure.code === "session_lost") await heal(house, way, connection);
}

/** Over Streamable HTTP a legacy server is subscribed to beside its stream. False when it has forgotten the session. */
async function subscribe(
  house: House,
  { server, uris }: EarWish,
  connection: Connection,
  signal: AbortSignal,
): Promise<boolean> {
  if (connection.era !== "legacy" || connection.kind === "sse") return true;
  for (const uri of uris) {
    const paramsText = JSON.stringify({ uri });
    const bounds = { deadlineAt: Date.now() + subscribeMs, maxAnswerBytes: 65_536, signal };
    const x = { connection, server, method: "resources/subscribe", paramsText, safe: true };
    const asked = await exchange(x, bounds, networksOf(house));
    if (!asked.ok && asked.failure.code === "session_lost") return false;
  }
  return true;
}

function updatedText(uri: string): string {
  return `{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":${JSON.stringify(uri)}}}`;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await scheduler.wait(ms, { signal });
  } catch {
    // Nobody listens any more.
  }
}
