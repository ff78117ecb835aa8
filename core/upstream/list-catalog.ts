/** Reads everything a server offers. Definitions stay the server's own text; what is left out says so in `faults`. */
import type { Networks } from "../contract/bindings.ts";
import type { Catalog, CatalogEntry } from "../contract/catalog.ts";
import { failure, success, type Outcome } from "../contract/outcome.ts";
import { everyCapabilityText } from "../protocol/client-capabilities.ts";
import { ingestEntry, ingestTool, type Ingested } from "../protocol/ingest.ts";
import type { ServerCapabilities } from "../protocol/introduction.ts";
import { exchange } from "./exchange.ts";
import type { Bounds, Link } from "./link.ts";
import { readPages, type Budget, type Pages } from "./read-pages.ts";

const maxPages = 200;
const maxBytes = 33_554_432;
const maxFaults = 100;

/** The list methods but `tools/list`: where they are told of, and what names their entries. */
const entryLists = {
  prompts: { method: "prompts/list", member: "prompts", key: "name" },
  resources: { method: "resources/list", member: "resources", key: "uri" },
  templates: { method: "resources/templates/list", member: "resourceTemplates", key: "uriTemplate" },
} as const;

export async function listCatalog(
  connection: Link,
  server: string,
  capabilities: ServerCapabilities,
  bounds: Bounds,
  networks: Networks,
): Promise<Outcome<Catalog>> {
  const budget: Budget = { pages: maxPages, bytes: maxBytes };
  const faults: string[] = [];
  const lifetimes: number[] = [];
  const note = (fault: string) => {
    if (faults.length < maxFaults) faults.push(fault);
  };
  const read = async (method: string, member: string): Promise<Pages> => {
    const told = { clientCapabilitiesText: everyCapabilityText };
    const ask = (paramsText: string) =>
      exchange({ connection, server, method, paramsText, safe: true, ...told }, bounds, networks);
    const pages = await readPages(server, member, ask, budget);
    if (pages.ttlMs !== undefined) lifetimes.push(pages.ttlMs);
    if (pages.cut !== undefined) note(`${method} was cut off: ${pages.cut}`);
    return pages;
  };
  const readEntries = async (list: keyof typeof entryLists, offered: boolean): Promise<CatalogEntry[]> => {
    if (!offered) return [];
    const { method, member, key } = entryLists[list];
    const pages = await read(method, member);
    const { failure: reason } = pages;
    // Many servers with resources have no templates and never heard of the method.
    if (reason && !(reason.code === "server_error" && reason.rpcCode === -32601)) {
      note(`${method} failed: ${reason.code}`);
    }
    return keep(
      method,
      pages.definitions.map((text) => ingestEntry(text, key)),
      (entry) => entry.name,
      note,
    );
  };

  const listed: Pages = capabilities.tools ? await read("tools/list", "tools") : { definitions: [], ttlMs: undefined };
  if (listed.failure) return failure(listed.failure);
  const catalog = {
    tools: keep("tools/list", listed.definitions.map(ingestTool), (tool) => tool.facts.name, note),
    prompts: await readEntries("prompts", capabilities.prompts),
    resources: await readEntries("resources", capabilities.resources),
    templates: await readEntries("templates", capabilities.resources),
  };
  return success({ ...catalog, faults, ...(lifetimes.length > 0 ? { ttlMs: Math.min(...lifetimes) } : {}) });
}

/** What may stand in the catalog; of equal names the first. */
function keep<T>(
  method: string,
  found: readonly Ingested<T>[],
  nameOf: (item: T) => string,
  note: (fault: string) => void,
): T[] {
  const kept = new Map<string, T>();
  for (const one of found) {
    if (!one.ok) note(`${method}: left out, ${one.fault}`);
    else if (kept.has(nameOf(one.value))) note(`${method}: "${nameOf(one.value)}" is listed twice, the first counts`);
    else kept.set(nameOf(one.value), one.value);
  }
  return [...kept.values()];
}
