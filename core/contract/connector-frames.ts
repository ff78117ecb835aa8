/**
 * What a connector and a shard say to each other over their WebSocket. A message is one line of JSON, the head, then a
 * line feed, then text that belongs to it: part of a body, or nothing (docs/decisions/0012-connector-tunnel.md).
 */
import { z } from "zod";
import { serverIdSchema } from "./server.ts";

/** In characters, head and payload together. A larger body travels in several frames. */
export const maxFrame = 262_144;
/** Characters of a body that may be on their way before the reader grants more. */
export const firstCredit = 262_144;

const id = z.int().min(1).describe("Of one exchange; the gateway counts them up per socket.");
const n = z.int().min(0).describe("Counts the frames of one exchange in one direction, from 0, without gaps.");
const end = z.boolean().describe("Nothing follows.");
const headers = z.record(z.string(), z.string());
const reason = z.string().max(1_000);

export const offeredStates = ["ready", "starting", "idle", "down"] as const;
const offeredServer = z.object({
  id: serverIdSchema,
  state: z.enum(offeredStates),
  /** A sentence for operators; empty when all is well. */
  reason,
  /** Epoch ms. */
  since: z.int(),
});

const body = z.object({ t: z.literal("body"), id, n, end });
const credit = z.object({ t: z.literal("credit"), id, chars: z.int().min(1) });

/** What the gateway says. */
export const gatewayFrameSchema = z.discriminatedUnion("t", [
  z.object({ t: z.literal("welcome"), shard: z.int(), shards: z.array(z.int()), revision: z.int() }),
  z.object({
    t: z.literal("open"),
    id,
    n,
    server: serverIdSchema,
    method: z.enum(["POST", "GET", "DELETE"]),
    headers,
    end,
  }),
  body,
  credit,
  z.object({ t: z.literal("cancel"), id }),
  z.object({ t: z.literal("stop"), server: z.string(), why: reason }),
]);

/** What the connector says. */
export const connectorFrameSchema = z.discriminatedUnion("t", [
  z.object({
    t: z.literal("hello"),
    name: z.string().min(1).max(64),
    version: z.string().max(64),
    servers: z.array(offeredServer).max(1_000),
  }),
  z.object({ t: z.literal("state"), server: offeredServer }),
  z.object({ t: z.literal("head"), id, n, status: z.int().min(200).max(599), headers, end }),
  body,
  credit,
  /** `sent` is false only when provably nothing reached the server. */
  z.object({ t: z.literal("fail"), id, sent: z.boolean(), reason }),
]);

export type GatewayFrame = z.infer<typeof gatewayFrameSchema>;
export type ConnectorFrame = z.infer<typeof connectorFrameSchema>;
export type OfferedServer = z.infer<typeof offeredServer>;
