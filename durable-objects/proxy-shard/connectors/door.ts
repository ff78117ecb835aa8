/**
 * What the Worker asks of a shard over HTTP and not by RPC: to let a connector in, and to carry an exchange, whose
 * answer may stream and whose caller may leave. Nobody else can reach an object's `fetch`.
 */
import { keyHeader, tunnelHeader, type TunnelWord } from "../../../core/contract/connector.ts";
import { replicaUrl } from "../../../core/upstream/connector-address.ts";
import { NotSent } from "../../../core/upstream/not-sent.ts";
import type { Ownership } from "../ownership.ts";
import type { ConnectorSockets } from "./sockets.ts";
import type { Tunnel } from "./tunnel.ts";

export interface DoorRooms {
  readonly ownership: Ownership;
  readonly connectorSockets: ConnectorSockets;
  readonly tunnel: Tunnel;
}

export async function openDoor(rooms: DoorRooms, request: Request): Promise<Response> {
  const [, what, server = "", replica = ""] = new URL(request.url).pathname.split("/");
  if (what === "socket") return letIn(rooms, request);
  if (what === "exchange") return carry(rooms, request, server, decodeURIComponent(replica));
  return new Response(null, { status: 404 });
}

function letIn({ connectorSockets }: DoorRooms, request: Request): Response {
  const socket = connectorSockets.accept(request.headers.get(keyHeader) ?? "");
  return socket ? new Response(null, { status: 101, webSocket: socket }) : said("busy", "too many connectors");
}

/** Errors would lose their class on the way, so they are told in a header. */
async function carry(rooms: DoorRooms, request: Request, server: string, replica: string): Promise<Response> {
  const { ownership, connectorSockets, tunnel } = rooms;
  const isHere = connectorSockets.isLive(server, replica);
  if (!isHere && !ownership.owns(server)) {
    // The asker may know a newer map. Whoever owns the server waits for its connector; anybody who has it may carry.
    await ownership.catchUp();
    if (!ownership.owns(server)) return said("moved", `shard ${ownership.shard} does not own it`);
  }
  const { method, headers, signal } = request;
  const body = method === "POST" ? await request.text() : "";
  try {
    return await tunnel.dial(replicaUrl({ server, replica }), { method, headers, body, signal });
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown error";
    if (!(error instanceof NotSent)) return said("lost", reason);
    return said(error.isBusy ? "busy" : "not_sent", reason, error.since);
  }
}

function said(word: TunnelWord, reason: string, since = Date.now()): Response {
  return Response.json({ reason, since }, { status: 503, headers: { [tunnelHeader]: word } });
}
