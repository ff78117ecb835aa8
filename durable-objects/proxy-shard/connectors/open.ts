/** What a shard's requests go over: the platform's networks, and the sockets that connectors hold. */
import type { Networks } from "../../../core/contract/bindings.ts";
import type { Connections } from "../connections.ts";
import { DialSlots } from "../dial-slots.ts";
import type { Neighbours } from "../neighbours.ts";
import type { Servers } from "../servers.ts";
import { KeyWatch } from "./key-watch.ts";
import type { OfferRows } from "./offer-rows.ts";
import { ConnectorSockets } from "./sockets.ts";
import { Tunnel } from "./tunnel.ts";

/** Requests over a connector's socket are no outgoing connections of this object; what bounds them is courtesy. */
const tunnelSlots = 16;

export interface ConnectingRooms {
  readonly servers: Servers;
  readonly connections: Connections;
  readonly offerRows: OfferRows;
  readonly neighbours: Neighbours;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

export function openConnecting(
  ctx: DurableObjectState,
  env: Networks,
  { servers, connections, offerRows, neighbours, waitUntil }: ConnectingRooms,
) {
  const connectorSockets = new ConnectorSockets(ctx, offerRows);
  const keyWatch = new KeyWatch(neighbours, waitUntil);
  const tunnel = new Tunnel(connectorSockets, keyWatch);
  connections.judgeBy((server, { kind, replica }) => kind !== "connector" || connectorSockets.isLive(server, replica));
  const has = (server: string): boolean => servers.get(server)?.record.kind === "connector";
  const slots = new DialSlots(undefined, { slots: new DialSlots(tunnelSlots), has });
  const networks: Networks = { ...env, connector: (url, init) => tunnel.dial(url, init) };
  return { connectorSockets, keyWatch, tunnel, slots, networks };
}
