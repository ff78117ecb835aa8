/** Connectors: what one asks for before it dials, and what operators are told of those that are connected. */
import { z } from "zod";
import type { OfferedServer } from "./connector-frames.ts";
import { serverIdSchema } from "./server.ts";

export const connectorNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "letters, digits, '.', '-' and '_' only, starting with a letter or digit")
  .describe("The connector's name; the name of the replica that it gives each of its servers.");

export const connectorInputSchema = z
  .strictObject({
    name: connectorNameSchema,
    servers: z
      .array(
        z.strictObject({
          id: serverIdSchema,
          title: z.string().min(1).max(200).optional().describe("A name for people."),
          timeoutMs: z.int().min(100).max(300_000).optional().describe("Longest wait for an answer."),
        }),
      )
      .max(1_000)
      .describe("What it will offer. Those that are not registered yet are, as servers of kind connector."),
  })
  .meta({ id: "ConnectorInput" });

/** One socket of a connector, as the shard that holds it sees it. Instants are epoch milliseconds. */
export interface ConnectedConnector {
  readonly name: string;
  readonly version: string;
  readonly connectedAt: number;
  readonly servers: readonly OfferedServer[];
  /** Exchanges under way on this socket. */
  readonly exchanges: number;
}

export interface ConnectorRpc {
  connectors(): Promise<readonly ConnectedConnector[]>;
}

/** What a shard says of an exchange that did not come about, in this header of its answer to the Worker. */
export const tunnelHeader = "x-patchbay-tunnel";
/** `not_sent`, `busy`: nothing reached the server. `moved`: ask the owner. `lost`: nobody knows. */
export type TunnelWord = "not_sent" | "busy" | "moved" | "lost";
/** The key that a connector's socket was opened with. */
export const keyHeader = "x-patchbay-key";
