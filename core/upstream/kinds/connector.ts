/**
 * A server behind a connector: Streamable HTTP, carried as frames over the socket that the connector opened to a shard
 * (docs/decisions/0012-connector-tunnel.md). Only the network differs, and `dial` sees to that.
 */
import { http } from "./http.ts";
import type { KindWire } from "./kind-wire.ts";

export const connector: KindWire = http;
