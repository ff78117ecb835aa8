/** The permission words of an API key. `admin` holds them all. */
import { z } from "zod";

export const scopes = [
  "tools:list",
  "tools:call",
  "servers:read",
  "servers:write",
  "shards:write",
  "keys:write",
  "toolsets:write",
  "alerts:write",
  "audit:read",
  "settings:write",
  "connector",
  "admin",
] as const;

export const scopeSchema = z.enum(scopes).meta({ id: "Scope" });
export type Scope = (typeof scopes)[number];

export function allows(held: readonly Scope[], needed: Scope): boolean {
  return held.includes(needed) || held.includes("admin");
}
