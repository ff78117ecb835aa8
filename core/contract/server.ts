/** A registered MCP server: what an operator says of it, and what the gateway has found out. */
import { z } from "zod";
import { limitSchema, type Limit } from "./limit.ts";

/** Server ids become the first half of qualified names, so `__` may not stand in them. */
export const serverIdSchema = z
  .string()
  .min(1)
  .max(40)
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9-]|_(?!_))*$/,
    "letters, digits, '-' and single '_' only, starting with a letter or digit",
  )
  .refine((id) => !id.endsWith("_"), "may not end with '_'")
  .describe("The server's id; the first half of its tools' qualified names.");

export const kinds = ["http", "sse", "service", "connector"] as const;
export type Kind = (typeof kinds)[number];
export type Era = "legacy" | "modern";

export const serverStates = ["ready", "degraded", "down", "unknown", "draining", "disabled"] as const;
export type ServerState = (typeof serverStates)[number];

const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, "not a header name (RFC 9110 token)");
const headerValue = z
  .string()
  .max(8192)
  .regex(/^[\t\x20-\x7e]*$/, "printable ASCII only");
const url = z
  .string()
  .max(2048)
  .describe(
    "The server's MCP address, http: or https:; or service://BINDING/path for a bound Worker. " +
      "Left out for a server of kind connector, which has none.",
  );
const title = z.string().min(1).max(200);

const serverFields = {
  url: url.optional(),
  kind: z.enum(kinds).optional().describe("How it is reached; found out when left out."),
  title: title.optional().describe("A name for people."),
  headers: z
    .record(headerName, headerValue)
    .optional()
    .describe("Credentials sent with every request to the server. Sealed at rest and never shown again."),
  timeoutMs: z.int().min(100).max(300_000).optional().describe("Longest wait for an answer, 60000 when left out."),
  maxAnswerBytes: z.int().min(1024).max(33_554_432).optional().describe("Largest answer taken, 16 MiB when left out."),
  maxInFlight: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe("Calls to this server that may be under way at once, 256 when left out."),
  limit: limitSchema.nullable().optional().describe("Calls to this server, all keys together."),
  allowPrivate: z.boolean().optional().describe("Lets the address be private, link-local or loopback."),
  trusted: z.boolean().optional().describe("Believe this server's readOnlyHint and idempotentHint."),
  disabled: z.boolean().optional().describe("Registered but not used."),
};

export const serverInputSchema = z
  .strictObject({ id: serverIdSchema, ...serverFields })
  .refine(({ url: said, kind }) => said !== undefined || kind === "connector", {
    path: ["url"],
    message: "is required, but for a server of kind connector",
    // Told together with what else is wrong.
    when: ({ value }) => typeof value === "object" && value !== null,
  })
  .meta({ id: "ServerInput" });
/** A change: what is left out stays; null goes back to what a server has when nothing is said. */
export const serverPatchSchema = z
  .strictObject({
    ...serverFields,
    kind: serverFields.kind.nullable(),
    title: serverFields.title.nullable(),
    headers: serverFields.headers.nullable(),
    timeoutMs: serverFields.timeoutMs.nullable(),
    maxAnswerBytes: serverFields.maxAnswerBytes.nullable(),
    maxInFlight: serverFields.maxInFlight.nullable(),
    allowPrivate: serverFields.allowPrivate.nullable(),
    trusted: serverFields.trusted.nullable(),
    disabled: serverFields.disabled.nullable(),
  })
  .partial()
  .meta({ id: "ServerPatch" });
export type ServerInput = z.infer<typeof serverInputSchema>;
export type ServerPatch = z.infer<typeof serverPatchSchema>;

/** What `Fleet` keeps and a shard is given: `sealedHeaders` is AES-GCM text, see core/secrets/seal. */
export interface ServerRecord {
  readonly id: string;
  readonly url: string;
  /** As the operator said; absent means "find out". */
  readonly kind?: Kind;
  readonly title?: string;
  readonly headerNames: readonly string[];
  readonly sealedHeaders?: string;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  /** Absent: the usual number. */
  readonly maxInFlight?: number;
  readonly limit?: Limit;
  readonly allowPrivate: boolean;
  readonly trusted: boolean;
  readonly disabled: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** How a server is doing, as its owning shard sees it. Instants are epoch milliseconds. */
export interface ServerHealth {
  readonly id: string;
  readonly state: ServerState;
  /** A sentence for operators; empty when ready. */
  readonly reason: string;
  readonly since: number;
  readonly kind?: Kind;
  readonly era?: Era;
  readonly protocolVersion?: string;
  readonly negotiatedAt?: number;
  readonly serverName?: string;
  readonly serverVersion?: string;
  readonly lastSuccessAt?: number;
  readonly catalogAt?: number;
  readonly tools: number;
  readonly prompts: number;
  readonly resources: number;
  readonly templates: number;
  readonly calls: number;
  readonly failures: number;
}
