/** What the audit trail tells of a change: enough to understand it, nothing that could be used. */
import type { KeyRecord } from "../../core/contract/key.ts";
import type { ServerRecord } from "../../core/contract/server.ts";

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
export function changedFields(before: ServerRecord | KeyRecord, after: ServerRecord | KeyRecord): Detail {
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

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "";
}
