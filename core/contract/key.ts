/** API keys: what an operator asks for, what Fleet keeps, what an admission carries. */
import { z } from "zod";
import { limitSchema, type Limit } from "./limit.ts";
import { toolPatternSchema } from "./pattern.ts";
import { scopeSchema, type Scope } from "./scope.ts";
import { serverIdSchema } from "./server.ts";
import { toolsetIdSchema } from "./toolset.ts";

const keyFields = {
  name: z.string().min(1).max(100).describe("A name for people."),
  scopes: z.array(scopeSchema).max(20).describe("What the key may do."),
  tools: z
    .array(toolPatternSchema)
    .max(100)
    .optional()
    .describe("Qualified tool names the key may use, `*` allowed; every tool when left out."),
  toolset: toolsetIdSchema
    .optional()
    .describe("The toolset that the key finds at `/mcp`; every tool it may use when left out. A default, not a limit."),
  limit: limitSchema
    .nullable()
    .optional()
    .describe("The key's own limit; the gateway's default when left out, none when null."),
  serverLimits: z
    .record(serverIdSchema, limitSchema)
    .optional()
    .describe("Limits of this key on single servers, by server id."),
  expiresAt: z.iso.datetime().nullable().optional().describe("When the key ends (RFC 3339); never when left out."),
};

export const keyInputSchema = z.strictObject(keyFields).meta({ id: "KeyInput" });
/** A change: what is left out stays; `tools: null` is every tool, `limit: "default"` the gateway's default again. */
export const keyPatchSchema = z
  .strictObject({
    ...keyFields,
    tools: keyFields.tools.nullable(),
    toolset: keyFields.toolset.nullable(),
    limit: z
      .union([limitSchema, z.literal("default")])
      .nullable()
      .describe("The key's own limit; the gateway's default when `default`, none when null."),
  })
  .partial()
  .meta({ id: "KeyPatch" });
export type KeyInput = z.infer<typeof keyInputSchema>;
export type KeyPatch = z.infer<typeof keyPatchSchema>;

/** One live secret of a key: `digest` is HMAC-SHA-256 of the whole key, base64url; two live while rotating. */
export interface KeySecret {
  readonly digest: string;
  readonly createdAt: number;
  /** When this secret stops working, though the key goes on: the end of a rotation's overlap. */
  readonly endsAt?: number;
}

export interface KeyRecord {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly tools?: readonly string[];
  /** What the key finds at `/mcp`. */
  readonly toolset?: string;
  /** `null`: no limit. Absent: the gateway's default. */
  readonly limit?: Limit | null;
  readonly serverLimits: Readonly<Record<string, Limit>>;
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  readonly secrets: readonly KeySecret[];
  /** First and last characters of the newest secret, for people. */
  readonly hint: string;
}

/** The authenticated caller. */
export interface Principal {
  readonly keyId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly tools?: readonly string[];
  /** What the key finds at `/mcp`. */
  readonly toolset?: string;
}
