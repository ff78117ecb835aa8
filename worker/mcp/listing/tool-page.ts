/**
 * A page of tools as text. Putting one together costs a thousand rows from the shards, so the isolate keeps what it has
 * put together lately, and asks the shards only whether it would still read so: one small question each.
 */
import type { ListedTool } from "../../../core/contract/catalog.ts";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import { withMember } from "../../../core/protocol/result-text.ts";
import type { House } from "../../house.ts";
import { gather } from "./gather.ts";
import { rowText, type Row } from "./page.ts";

export const perPage = 1_000;
/** In characters, each and all together. */
const mostKeptEach = 2_000_000;
const mostKept = 16_000_000;

/** What decides on a page, besides what there is. */
export interface ToolWish {
  /** One server's tools under their own names; all tools under qualified ones. */
  readonly server?: string;
  readonly allow?: readonly string[];
  readonly after?: string;
}

export interface ToolPage {
  /** Definitions, with commas between. */
  readonly rowsText: string;
  readonly next?: string;
  readonly isStale: boolean;
  readonly silent: readonly string[];
}

interface Kept {
  readonly stamp: string;
  readonly page: ToolPage;
}

/** Least lately used first. */
const kept = new Map<string, Kept>();
let keptSize = 0;

export function toolPage(house: House, wish: ToolWish): Promise<Outcome<ToolPage>> {
  const name = JSON.stringify([wish.server, wish.allow, wish.after]);
  return keptPage(house, name, wish.server, () => readPage(house, wish));
}

/** `name`: all that decides on the page besides what there is. `server`: the one whose tools are all there is. */
export async function keptPage(
  house: House,
  name: string,
  server: string | undefined,
  read: () => Promise<Outcome<ToolPage>>,
): Promise<Outcome<ToolPage>> {
  // Asked before the page is read: what changes in between makes the page newer than its stamp, never older.
  const stamp = await stampOf(house, server);
  const known = stamp === undefined ? undefined : kept.get(name);
  if (known && known.stamp === stamp) {
    kept.delete(name);
    kept.set(name, known);
    return success(known.page);
  }
  const page = await read();
  if (page.ok && stamp !== undefined && page.value.silent.length === 0) keep(name, { stamp, page: page.value });
  return page;
}

/** Undefined when not every shard has answered. */
async function stampOf(house: House, server: string | undefined): Promise<string | undefined> {
  const asked = await gather(house, server, async (shard) => success([await shard.toolStamp(server)]));
  return asked.ok && asked.value.silent.length === 0 ? asked.value.items.join(" ") : undefined;
}

async function readPage(house: House, { server, allow, after }: ToolWish): Promise<Outcome<ToolPage>> {
  const query = {
    ...(server === undefined ? {} : { server }),
    ...(allow === undefined ? {} : { allow }),
    ...(after === undefined ? {} : { after: { rank: 0, name: after } }),
    limit: perPage + 1,
  };
  const gathered = await gather(house, server, (shard) => shard.tools(query));
  if (!gathered.ok) return gathered;
  const { items, silent } = gathered.value;
  const page = items.toSorted(byName).slice(0, perPage);
  const last = page.at(-1);
  return success({
    rowsText: page.map((tool) => rowText(server === undefined ? qualified(tool) : tool)).join(","),
    ...(last && items.length > perPage ? { next: last.name } : {}),
    isStale: page.some(({ stale }) => stale),
    silent,
  });
}

function qualified({ name, definition, stale }: ListedTool): Row {
  return { definition: withMember(definition, "name", JSON.stringify(name)), stale };
}

function keep(name: string, entry: Kept): void {
  const before = kept.get(name);
  if (before) keptSize -= sizeOf(before);
  kept.delete(name);
  if (sizeOf(entry) > mostKeptEach) return;
  kept.set(name, entry);
  keptSize += sizeOf(entry);
  for (const [oldest, { page }] of kept) {
    if (keptSize <= mostKept) break;
    kept.delete(oldest);
    keptSize -= page.rowsText.length;
  }
}

function sizeOf({ page }: Kept): number {
  return page.rowsText.length;
}

/** Code units, as the shards sort. */
function byName(a: ListedTool, b: ListedTool): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
