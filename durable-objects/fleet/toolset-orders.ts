/** What administrators do to toolsets. They take no turns: no server moves, and each decision is made with its write. */
import type { Actor } from "../../core/contract/fleet-rpc.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { Toolset } from "../../core/contract/toolset.ts";
import { nearest } from "../../core/policies/names.ts";
import { changedToolset, outlineOfToolset } from "./audit-detail.ts";
import type { Desk } from "./desk.ts";
import { changedSince, overtaken } from "./overtaken.ts";

const mostKeysNamed = 10;

export async function createToolset(desk: Desk, toolset: Toolset, actor: Actor): Promise<Outcome<Toolset>> {
  const taken = desk.toolsets.taken(toolset.id);
  if (taken !== undefined) return failure({ code: "already_exists", what: "toolset", id: taken });
  await desk.commit(actor, () => {
    desk.toolsets.insert(toolset);
    return {
      audit: [{ action: "toolset.create", target: toolset.id, detail: outlineOfToolset(toolset) }],
      debts: [],
    };
  });
  return success(toolset);
}

export async function replaceToolset(
  desk: Desk,
  toolset: Toolset,
  actor: Actor,
  seen?: Toolset,
): Promise<Outcome<Toolset>> {
  const found = findToolset(desk, toolset.id);
  if (!found.ok) return found;
  if (seen && changedSince(found.value, seen)) return overtaken();
  await desk.commit(actor, () => {
    desk.toolsets.replace(toolset);
    return {
      audit: [{ action: "toolset.update", target: toolset.id, detail: changedToolset(found.value, toolset) }],
      debts: [],
    };
  });
  return success(toolset);
}

export async function deleteToolset(desk: Desk, id: string, actor: Actor): Promise<Outcome<Toolset>> {
  const found = findToolset(desk, id);
  if (!found.ok) return found;
  const keys = desk.keys.withToolset(id);
  if (keys.length > 0) return failure({ code: "conflict", detail: inUse(keys) });
  await desk.commit(actor, () => {
    desk.toolsets.delete(id);
    return { audit: [{ action: "toolset.delete", target: id, detail: {} }], debts: [] };
  });
  return found;
}

export function findToolset(desk: Desk, id: string): Outcome<Toolset> {
  const toolset = desk.toolsets.find(id);
  return toolset ? success(toolset) : failure({ code: "unknown_toolset", toolset: id, nearest: nearIds(desk, id) });
}

/** A key must not name a toolset that is not there: at `/mcp` it would find nothing, or everything. */
export function mayHave(desk: Desk, toolset: string | undefined): Outcome<void> {
  if (toolset === undefined || desk.toolsets.find(toolset)) return success(undefined);
  const near = nearIds(desk, toolset);
  const message = `no toolset has this id${near.length === 0 ? "" : `; near it are ${near.join(", ")}`}`;
  return failure({ code: "invalid_fields", fields: [{ path: "/toolset", message }] });
}

function nearIds(desk: Desk, id: string): string[] {
  return nearest(id, desk.toolsets.ids());
}

function inUse(keys: readonly string[]): string {
  const named = keys.slice(0, mostKeysNamed).join(", ");
  const more = keys.length > mostKeysNamed ? ` and ${keys.length - mostKeysNamed} more` : "";
  return `These keys have it as theirs: ${named}${more}. Give them another or none, or revoke them.`;
}
