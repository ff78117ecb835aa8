/** What the gateway says there is. */
import type { Target } from "./load.ts";
import { administer, within } from "./stage.ts";
import { servers, type Thing, type Things } from "./things.ts";

/** Shards hear of changes from the control plane; after a start that takes a moment. */
const settleBoundMs = 15_000;

export async function everyThing(target: Target, { name }: Things): Promise<readonly Thing[]> {
  const things: Thing[] = [];
  let cursor: string | undefined = "";
  while (cursor !== undefined) {
    const from: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body, text } = await administer(target, `/${name}?limit=1000${from}`);
    if (status !== 200) throw new Error(`GET /${name}: ${status} ${text}`);
    const page = body as { readonly [list: string]: unknown; readonly nextCursor?: string };
    things.push(...(page[name] as readonly Thing[]));
    cursor = page.nextCursor;
  }
  return things;
}

/** Half a change of a server is the control plane's, the other half its shard's: it must come to both. */
export async function strayServers(target: Target, ids: ReadonlySet<string>): Promise<readonly string[]> {
  let all: readonly Thing[] = [];
  const strays = (): readonly Thing[] => all.filter(({ id, state }) => ids.has(id) && state !== "disabled");
  await within(settleBoundMs, async () => {
    all = await everyThing(target, servers);
    return strays().length === 0;
  });
  const { total } = (await administer(target, "/servers/count")).body as { total: number };
  return [
    ...strays().map(({ id, state }) => `${id} is registered as disabled, but its shard says '${String(state)}'`),
    ...(total === all.length ? [] : [`${all.length} servers are listed, ${total} are counted`]),
  ];
}
