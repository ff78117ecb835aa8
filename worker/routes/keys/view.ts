/** A key as the API shows it: never its secret, never a digest. */
import { z } from "zod";
import type { KeyRecord } from "../../../core/contract/key.ts";
import { limitSchema } from "../../../core/contract/limit.ts";
import { scopeSchema } from "../../../core/contract/scope.ts";
import { homeOf } from "../../../core/policies/placement.ts";
import type { House } from "../../house.ts";
import { shardMap } from "../../leases/shard-map.ts";
import { askShards } from "../every-shard.ts";
import { instant, instantOrNull, instantSchema } from "../instant.ts";

const wholeLimit = limitSchema.required();

export const keySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    state: z.enum(["active", "expired", "revoked"]),
    scopes: z.array(scopeSchema),
    tools: z.array(z.string()).nullable().describe("Patterns on qualified names; null is every tool."),
    toolset: z.string().nullable().describe("What the key finds at `/mcp`; null is every tool it may use."),
    limit: z
      .union([wholeLimit, z.literal("default")])
      .nullable()
      .describe("Null is no limit."),
    serverLimits: z.record(z.string(), wholeLimit),
    hint: z.string().describe("First and last characters of the newest secret."),
    secrets: z
      .array(z.object({ createdAt: instantSchema, endsAt: instantSchema.nullable() }))
      .describe("Newest first; two while a rotation's overlap lasts."),
    createdAt: instantSchema,
    expiresAt: instantSchema.nullable(),
    revokedAt: instantSchema.nullable(),
    lastUsedAt: instantSchema.nullable().describe("Null when never used, or when its shard does not answer."),
  })
  .meta({ id: "Key" });

export const newKeySchema = keySchema
  .extend({ key: z.string().describe("The secret. Shown this once and never again.") })
  .meta({ id: "NewKey" });

export type KeyView = z.infer<typeof keySchema>;

export function viewKey(record: KeyRecord, lastUsedAt: number | undefined, now: number): KeyView {
  const { id, name, scopes, tools, toolset, limit, serverLimits, hint } = record;
  const { createdAt, expiresAt, revokedAt } = record;
  return {
    id,
    name,
    state: stateOf(record, now),
    scopes: [...scopes],
    tools: tools ? [...tools] : null,
    toolset: toolset ?? null,
    limit: limit === undefined ? "default" : limit,
    serverLimits: { ...serverLimits },
    hint,
    secrets: record.secrets
      .filter((secret) => secret.endsAt === undefined || secret.endsAt > now)
      .map((secret) => ({ createdAt: instant(secret.createdAt), endsAt: instantOrNull(secret.endsAt) })),
    createdAt: instant(createdAt),
    expiresAt: instantOrNull(expiresAt),
    revokedAt: instantOrNull(revokedAt),
    lastUsedAt: instantOrNull(lastUsedAt),
  };
}

/** The one answer that holds the secret has it up front, beside the id. */
export function withSecret({ id, ...view }: KeyView, key: string): z.infer<typeof newKeySchema> {
  return { id, key, ...view };
}

/** With when each was last used, which its home shard knows. */
export async function viewKeys(house: House, records: readonly KeyRecord[]): Promise<KeyView[]> {
  const map = await shardMap(house);
  const shards = map.ok ? map.value.shards : [];
  const idsOf = Map.groupBy(shards.length > 0 ? records : [], ({ id }) => homeOf(shards, id));
  const answers = await askShards(house, [...idsOf.keys()], (stub, shard) =>
    stub.lastUsed((idsOf.get(shard) ?? []).map(({ id }) => id)),
  );
  const usedAt = new Map(answers.flatMap(({ answer }) => (answer.ok ? Object.entries(answer.value) : [])));
  const now = Date.now();
  return records.map((record) => viewKey(record, usedAt.get(record.id), now));
}

export function stateOf({ revokedAt, expiresAt }: KeyRecord, now: number): KeyView["state"] {
  if (revokedAt !== undefined) return "revoked";
  return expiresAt !== undefined && expiresAt <= now ? "expired" : "active";
}
