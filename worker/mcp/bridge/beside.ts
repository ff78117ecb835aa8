/**
 * The session's own stream beside a call (2025-11-25, "listening for messages"). SDKs ask there what they are not told to
 * ask on the stream of the call. A client's `GET` stream hears it at an endpoint of one server, once it is open; where
 * there are many servers nobody listens to each, and the question would be lost: so a call of a client that can be asked
 * brings an ear. A server has one such stream for a session and refuses a second; whoever holds it passes questions on.
 */
import type { Connection } from "../../../core/contract/call.ts";
import type { Hooks } from "../../../core/upstream/link.ts";
import { listenTo } from "../../../core/upstream/listen.ts";
import { networksOf } from "../../networks.ts";
import type { RpcCall } from "../rpc-call.ts";

/** A call is held up no longer by a server that is slow to open its stream. */
const openingMs = 100;
const mostEventBytes = 4_194_304;
const silenceMs = 60_000;
const mostSilent = 2_000;

/** By server: until when it is known to have no such stream. */
const silent = new Map<string, number>();

/** Resolves when the server is listened to, or is not; what it answers with ends that. */
export async function listenBeside(
  { house, deadlineAt }: RpcCall,
  server: string,
  connection: Connection | undefined,
  hooks: Hooks,
): Promise<() => void> {
  if (!hasOwnStream(connection)) return () => undefined;
  if ((silent.get(server) ?? 0) > Date.now()) return () => undefined;
  const hangUp = new AbortController();
  const settled = Promise.withResolvers<void>();
  let isOpen = false;
  const onOpen = (): void => {
    isOpen = true;
    settled.resolve();
  };
  const bounds = { deadlineAt, maxAnswerBytes: mostEventBytes, signal: hangUp.signal };
  const stream = listenTo(connection, server, {}, { ...hooks, onOpen }, bounds, networksOf(house)).then((ended) => {
    if (ended.ok && !isOpen && !hangUp.signal.aborted) noteSilent(server);
    settled.resolve();
  });
  house.waitUntil(stream);
  const timer = setTimeout(() => settled.resolve(), openingMs);
  await settled.promise;
  clearTimeout(timer);
  return () => hangUp.abort();
}

function hasOwnStream(connection: Connection | undefined): connection is Connection {
  return connection?.era === "legacy" && connection.kind === "http" && connection.sessionId !== undefined;
}

function noteSilent(server: string): void {
  if (silent.size >= mostSilent) silent.clear();
  silent.set(server, Date.now() + silenceMs);
}
