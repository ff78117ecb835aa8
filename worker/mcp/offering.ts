/** What an endpoint shows, and what of it a key may see: one rule for lists, and for who asks by name. */
import type { Principal } from "../../core/contract/key.ts";
import { allowed, qualify } from "../../core/policies/names.ts";
import type { Offering } from "./rpc-call.ts";

/** A key's patterns speak of qualified names, and so of tools and prompts by theirs, of resources by their URI in its place. */
export function mayUse({ tools }: Principal, server: string, name: string): boolean {
  return tools === undefined || allowed(tools, qualify(server, name));
}

/** Names an offering in seals and caches. */
export function offeringName(offering: Offering): string {
  if (offering.is === "everything") return offering.is;
  return offering.is === "server" ? `server:${offering.server}` : `toolset:${offering.toolset}`;
}
