/** A server as the API shows it: what the operator said, beside what its shard has found out. Credentials by name only. */
import { z } from "zod";
import type { PlacedServer } from "../../../core/contract/fleet-rpc.ts";
import { limitSchema } from "../../../core/contract/limit.ts";
import { allows } from "../../../core/contract/scope.ts";
import { kinds, serverStates, type ServerHealth } from "../../../core/contract/server.ts";
import { usualInFlight } from "../../../core/policies/in-flight.ts";
import type { Caller } from "../../house.ts";
import { instant, instantOrNull, instantSchema } from "../instant.ts";

export const serverSchema = z
  .object({
    id: z.string(),
    title: z.string().nullable(),
    url: z.string().describe("Without its query for callers who may not change servers."),
    shard: z.int().describe("The shard that owns it."),
    state: z.enum(serverStates),
    reason: z.string().describe("Why it is in this state; empty when ready."),
    since: instantSchema.nullable().describe("Since when it is in this state; null when its shard does not answer."),
    kind: z.enum(kinds).nullable().describe("How it is reached; null until found out."),
    era: z
      .enum(["legacy", "modern"])
      .nullable()
      .describe("`modern` is MCP 2026-07-28 and later; null until found out."),
    protocolVersion: z.string().nullable(),
    serverName: z.string().nullable().describe("What the server calls itself."),
    serverVersion: z.string().nullable(),
    tools: z.int(),
    prompts: z.int(),
    resources: z.int(),
    templates: z.int(),
    catalogAt: instantSchema.nullable().describe("When what it offers was last read."),
    lastSuccessAt: instantSchema.nullable(),
    calls: z.int(),
    failures: z.int(),
    headers: z.array(z.string()).describe("Names of the credentials sent to it; their values are never shown."),
    timeoutMs: z.int(),
    maxAnswerBytes: z.int(),
    maxInFlight: z.int().describe("Calls that may be under way at once."),
    limit: limitSchema.required().nullable(),
    allowPrivate: z.boolean(),
    trusted: z.boolean(),
    disabled: z.boolean(),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: "Server" });

export type ServerView = z.infer<typeof serverSchema>;

/** A shard's word on a server, or why there is none. */
export type Health = ServerHealth | { readonly unknown: string };

export function viewServer({ record, shard }: PlacedServer, health: Health, caller: Caller): ServerView {
  const { id, headerNames, timeoutMs, maxAnswerBytes, allowPrivate, trusted, disabled } = record;
  return {
    id,
    title: record.title ?? null,
    url: allows(caller.principal.scopes, "servers:write") ? record.url : withoutQuery(record.url),
    shard,
    ...foundOut(health, record.kind ?? null),
    headers: [...headerNames],
    timeoutMs,
    maxAnswerBytes,
    maxInFlight: record.maxInFlight ?? usualInFlight,
    limit: record.limit ?? null,
    allowPrivate,
    trusted,
    disabled,
    createdAt: instant(record.createdAt),
    updatedAt: instant(record.updatedAt),
  };
}

function foundOut(health: Health, kindSaid: ServerHealth["kind"] | null) {
  const known: Partial<ServerHealth> = "unknown" in health ? { state: "unknown", reason: health.unknown } : health;
  return {
    state: known.state ?? "unknown",
    reason: known.reason ?? "",
    since: instantOrNull(known.since),
    kind: known.kind ?? kindSaid ?? null,
    era: known.era ?? null,
    protocolVersion: known.protocolVersion ?? null,
    serverName: known.serverName ?? null,
    serverVersion: known.serverVersion ?? null,
    tools: known.tools ?? 0,
    prompts: known.prompts ?? 0,
    resources: known.resources ?? 0,
    templates: known.templates ?? 0,
    catalogAt: instantOrNull(known.catalogAt),
    lastSuccessAt: instantOrNull(known.lastSuccessAt),
    calls: known.calls ?? 0,
    failures: known.failures ?? 0,
  };
}

/** Addresses carry keys in their query at times. */
export function withoutQuery(url: string): string {
  return url.replace(/\?.*$/s, "");
}
