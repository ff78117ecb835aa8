/** From the name that a caller uses to a server and a tool: qualified, in two parts, or bare when one server has it. */
import type { Principal } from "../../core/contract/key.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { nearest, splitName } from "../../core/policies/names.ts";
import type { House } from "../house.ts";
import { serversWithTool, toolNames } from "./suggest.ts";

export interface NamedTool {
  readonly server: string;
  readonly tool: string;
}

/** The bare names that this isolate has looked up lately: plain values that end by themselves. */
const bareNames = new Map<string, { server: string; endsAt: number }>();
const bareLifeMs = 2_000;
const maxBareNames = 1_000;

/** Without a lookup: what the name itself says. A bare name says nothing of its server. */
export function readName(name: string, server: string | undefined): NamedTool | undefined {
  return server === undefined ? splitName(name) : { server, tool: name };
}

/** A bare name is accepted when exactly one server that the caller may use has it. */
export async function resolveBareName(house: House, tool: string, principal: Principal): Promise<Outcome<NamedTool>> {
  const now = Date.now();
  const lookup = `${principal.keyId}\n${tool}`;
  const known = bareNames.get(lookup);
  if (known && known.endsAt > now) return success({ server: known.server, tool });
  const found = await serversWithTool(house, tool, principal);
  if (!found.ok) return found;
  const servers = found.value;
  const [server] = servers;
  if (server === undefined) {
    return failure({ code: "unknown_tool", tool, nearest: nearest(tool, await toolNames(house, principal)) });
  }
  if (servers.length > 1) {
    return failure({ code: "ambiguous_tool", tool, candidates: servers.map((id) => `${id}__${tool}`) });
  }
  if (bareNames.size >= maxBareNames) bareNames.clear();
  bareNames.set(lookup, { server, endsAt: now + bareLifeMs });
  return success({ server, tool });
}
