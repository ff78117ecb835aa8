/** What stands behind an endpoint, and how it introduces itself. Known for as long as leases live. */
import { leaseLifeMs } from "../../core/contract/leases.ts";
import { success, type Outcome } from "../../core/contract/outcome.ts";
import { ownerOf } from "../../core/policies/placement.ts";
import type { House } from "../house.ts";
import { askOwner } from "../leases/ask-owner.ts";
import { toolsetOf } from "../leases/toolsets.ts";
import type { Offering } from "./rpc-call.ts";

/** Both JSON text. */
export interface Introduction {
  /** The server's own capabilities; empty for everything else. */
  readonly capabilitiesText: string;
  readonly instructionsText?: string;
}

interface Known {
  readonly answer: Outcome<Introduction>;
  readonly endsAt: number;
}

const known = new Map<string, Known>();
const mostKnown = 2_000;

const qualifiedNames = JSON.stringify("Tools and prompts are named after their server: server__name.");

/** A failure says that there is no such endpoint, and nothing else. */
export async function findEndpoint(house: House, offering: Offering): Promise<Outcome<Introduction>> {
  if (offering.is === "everything") return success({ capabilitiesText: "{}", instructionsText: qualifiedNames });
  if (offering.is === "server") return serversOwn(house, offering.server);
  const toolset = await toolsetOf(house, offering.toolset);
  if (!toolset.ok && toolset.failure.code === "unknown_toolset") return toolset;
  const instructions = toolset.ok ? toolset.value.instructions : undefined;
  return success({
    capabilitiesText: "{}",
    ...(instructions === undefined ? {} : { instructionsText: JSON.stringify(instructions) }),
  });
}

async function serversOwn(house: House, server: string): Promise<Outcome<Introduction>> {
  const askedAt = Date.now();
  const held = known.get(server);
  if (held && held.endsAt > askedAt) return held.answer;
  const asked = await askOwner(
    house,
    (map) => ownerOf(map, server),
    (shard) => shard.introduction(server),
  );
  // A server that cannot be asked at present is there all the same.
  if (!asked.ok && asked.failure.code !== "unknown_server") return held?.answer ?? success({ capabilitiesText: "{}" });
  const answer = asked.ok ? success(introduced(asked.value.value)) : asked;
  known.delete(server);
  if (known.size >= mostKnown) known.delete(known.keys().next().value ?? "");
  known.set(server, { answer, endsAt: askedAt + leaseLifeMs });
  return answer;
}

function introduced({
  capabilitiesText,
  instructions,
}: {
  readonly capabilitiesText: string;
  readonly instructions?: string;
}): Introduction {
  return { capabilitiesText, ...(instructions === undefined ? {} : { instructionsText: instructions }) };
}
