/** Carries one parked call to its server: over a connection of its key and capabilities, with somebody listening. */
import type { Networks } from "../../core/contract/bindings.ts";
import type { Connection, ToolFacts } from "../../core/contract/call.ts";
import type { Conversation, ParkAsk } from "../../core/contract/conversation.ts";
import type { Failure } from "../../core/contract/failure.ts";
import type { Outcome } from "../../core/contract/outcome.ts";
import type { ServerRecord } from "../../core/contract/server.ts";
import { isSafe } from "../../core/policies/retry-safety.ts";
import { memberText } from "../../core/protocol/json-text.ts";
import { paramHeadersOf } from "../../core/protocol/param-headers.ts";
import { toBase64Url } from "../../core/secrets/base64.ts";
import { exchange, provesEraChanged, type Answer, type Bounds, type Exchange } from "../../core/upstream/exchange.ts";
import { orWithheld } from "../../core/upstream/withheld.ts";
import type { Listening } from "./listening.ts";
import type { ParkedCall } from "./parked-call.ts";
import type { Routes } from "./routes.ts";

/** All steps together: after a quarter of an hour an object with nothing but a connection under way may be put away. */
const longestMs = 840_000;
/** An RPC answer holds 32 MiB, and a character of a result may take two bytes of it. */
const mostAnswerBytes = 12_582_912;

export interface CarryRooms {
  readonly routes: Routes;
  readonly listening: Listening;
  readonly visits: { listChanged(server: string): void };
  readonly networks: Networks;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** Sent at most once, but for an answer that itself proves that it did not run. */
export async function carry(
  rooms: CarryRooms,
  call: ParkedCall,
  record: ServerRecord,
  facts: ToolFacts | undefined,
): Promise<Outcome<Answer>> {
  const { routes } = rooms;
  const conversation = await conversationOf(call.ask);
  const connected = await routes.connect(record.id, conversation);
  if (!connected.ok) return connected;
  const answered = await send(rooms, call, record, facts, connected.value);
  if (answered.ok || !mayHeal(answered.failure) || call.signal.aborted) return answered;
  const { replica, generation } = connected.value;
  const healed = await routes.reconnect(record.id, replica, generation, conversation);
  return healed.ok ? send(rooms, call, record, facts, healed.value) : healed;
}

async function send(
  { listening, visits, networks, waitUntil }: CarryRooms,
  call: ParkedCall,
  record: ServerRecord,
  facts: ToolFacts | undefined,
  connection: Connection,
): Promise<Outcome<Answer>> {
  call.connection = connection;
  if (!call.signal.aborted) await listening.join(call, connection);
  const bounds: Bounds = {
    deadlineAt: Date.now() + longestMs,
    maxAnswerBytes: Math.min(record.maxAnswerBytes, mostAnswerBytes),
    signal: call.signal,
    onCancelled: waitUntil,
    hooks: {
      onRequest: (request) => call.question(request),
      onNotification: (text, method) => {
        if (method.endsWith("/list_changed")) visits.listChanged(record.id);
        else call.notice(text, method);
      },
    },
  };
  try {
    const x = exchangeOf(call, record, facts, connection);
    return await orWithheld(x, await exchange(x, bounds, networks), bounds, networks);
  } finally {
    listening.leave(call);
  }
}

function exchangeOf(
  { id, ask }: ParkedCall,
  { trusted }: ServerRecord,
  facts: ToolFacts | undefined,
  connection: Connection,
): Exchange {
  const { server, method, paramsText, name, capabilitiesText, metaText, logLevel, progress } = ask;
  const mirrored = facts ? paramHeadersOf(facts.paramHeaders, memberText(paramsText, "arguments") ?? "{}") : undefined;
  return {
    connection,
    server,
    method,
    paramsText,
    name,
    ...(mirrored ? { paramHeaders: mirrored } : {}),
    safe: method === "tools/call" ? isSafe(facts, trusted) : true,
    clientCapabilitiesText: capabilitiesText,
    ...(metaText === undefined ? {} : { metaText }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(progress ? { progressToken: id } : {}),
  };
}

/** Shared by the parked calls of one key that declare the same capabilities, letter for letter. */
async function conversationOf({ keyId, capabilitiesText }: ParkAsk): Promise<Conversation> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(capabilitiesText));
  return { id: `park:${keyId}:${toBase64Url(new Uint8Array(hash))}`, capabilitiesText };
}

function mayHeal(reason: Failure): boolean {
  return reason.code === "session_lost" || provesEraChanged(reason);
}
