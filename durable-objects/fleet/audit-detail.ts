/** What the audit trail tells of a change: enough to understand it, nothing that could be used. */
import type { KeyRecord } from "../../core/contract/key.ts";
import type { ServerRecord } from "../../core/contract/server.ts";
import type { Toolset } from "../../core/contract/toolset.ts";

type Detail = Readonly<Record<string, unknown>>;

/** Named when they change, never quoted: addresses carry keys in their query at times, the rest is credentials. */
const unspoken: ReadonlySet<string> = new Set(["url", "sealedHeaders", "secrets", "hint"]);
/** Changes with every write, so it says nothing. */
const dull: ReadonlySet<string> = new Set(["updatedAt"]);

export function outlineOf(server: ServerRecord): Detail {
  const { kind, title, headerNames, limit, allowPrivate, trusted, disabled } = server;
  return { origin: originOf(server.url), kind, title, headerNames, limit, allowPrivate, trusted, disabled };
}

/** Field by field, old and new. Of an unspoken field only that it changed. */
export function changedFields<T extends ServerRecord | KeyRecord | Partial<Toolset>>(before: T, after: T): Detail {
  const [old, fresh] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const names = [...new Set([...old.keys(), ...fresh.keys()])].filter(
    (name) => !dull.has(name) && JSON.stringify(old.get(name)) !== JSON.stringify(fresh.get(name)),
  );
  return Object.fromEntries(
    names.map((name) => [
      name,
      unspoken.has(name) ? "changed" : { from: old.get(name) ?? null, to: fresh.get(name) ?? null },
    ]),
  );
}

/** Of tools with changes their names only: a fixed argument may hold what clients shall not know. */
export function outlineOfToolset(toolset: Toolset): Detail {
  const { title, servers, tools, prompts, resources, naming, overrides } = toolset;
  return { title, servers, tools, prompts, resources, naming, overrides: Object.keys(overrides) };
}

export function changedToolset(before: Toolset, after: Toolset): Detail {
  const { overrides: old, ...wasSaid } = before;
  const { overrides: fresh, ...said } = after;
  const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
  const changed = names.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(fresh[name]));
  return { ...changedFields(wasSaid, said), ...(changed.length === 0 ? {} : { overrides: changed }) };
}

function originOf(url: string): string {
  const parsed = URL.parse(url);
  // `origin` is "null" for the schemes that browsers do not know.
  return parsed ? `${parsed.protocol}//${parsed.host}` : "";
}
