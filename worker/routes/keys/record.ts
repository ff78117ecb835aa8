/** From what an operator says of a key to what Fleet keeps of it. */
import type { KeyInput, KeyPatch, KeyRecord } from "../../../core/contract/key.ts";
import { toLimit, type Limit } from "../../../core/contract/limit.ts";
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";

type Said = Pick<KeyRecord, "name" | "scopes" | "tools" | "toolset" | "limit" | "serverLimits" | "expiresAt">;

export function saidOf(input: KeyInput, now: number): Outcome<Said> {
  const ends = endOf(input.expiresAt, now);
  if (!ends.ok) return ends;
  return success({
    name: input.name,
    scopes: unique(input.scopes),
    ...(input.tools ? { tools: unique(input.tools) } : {}),
    ...(input.toolset === undefined ? {} : { toolset: input.toolset }),
    ...(input.limit === undefined ? {} : { limit: input.limit && toLimit(input.limit) }),
    serverLimits: toLimits(input.serverLimits),
    ...(ends.value === undefined ? {} : { expiresAt: ends.value }),
  });
}

/** What the patch leaves out stays. */
export function changedKey(record: KeyRecord, patch: KeyPatch, now: number): Outcome<KeyRecord> {
  const ends = patch.expiresAt === undefined ? success(record.expiresAt) : endOf(patch.expiresAt, now);
  if (!ends.ok) return ends;
  const { tools, toolset, limit, expiresAt: _, ...kept } = record;
  const newTools = patch.tools === undefined ? tools : patch.tools && unique(patch.tools);
  const newToolset = patch.toolset === undefined ? toolset : patch.toolset;
  const newLimit = patch.limit === undefined ? limit : limitOf(patch.limit);
  return success({
    ...kept,
    name: patch.name ?? record.name,
    scopes: patch.scopes ? unique(patch.scopes) : record.scopes,
    ...(newTools ? { tools: newTools } : {}),
    ...(newToolset ? { toolset: newToolset } : {}),
    ...(newLimit === undefined ? {} : { limit: newLimit }),
    serverLimits: patch.serverLimits ? toLimits(patch.serverLimits) : record.serverLimits,
    ...(ends.value === undefined ? {} : { expiresAt: ends.value }),
  });
}

function limitOf(limit: NonNullable<KeyPatch["limit"]> | null): Limit | null | undefined {
  if (limit === "default") return undefined;
  return limit && toLimit(limit);
}

function endOf(expiresAt: string | null | undefined, now: number): Outcome<number | undefined> {
  if (expiresAt === undefined || expiresAt === null) return success(undefined);
  const at = Date.parse(expiresAt);
  if (at > now) return success(at);
  return failure({ code: "invalid_fields", fields: [{ path: "/expiresAt", message: "is in the past" }] });
}

function toLimits(limits: KeyInput["serverLimits"]): Record<string, Limit> {
  return Object.fromEntries(Object.entries(limits ?? {}).map(([server, limit]) => [server, toLimit(limit)]));
}

function unique<T>(words: readonly T[]): T[] {
  return [...new Set(words)];
}
