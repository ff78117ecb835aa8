/** Whether what administrators were told is true of the gateway, and whether every change is whole. */
import { Administrator, fieldsOf } from "./administrator.ts";
import type { Target } from "./load.ts";
import { administer, within } from "./stage.ts";

interface Server {
  readonly id: string;
  readonly title: string | null;
  readonly timeoutMs: number;
  readonly state: string;
}

/** Shards hear of changes from the control plane; after a start that takes a moment. */
const settleBoundMs = 15_000;

/** What is lost or half-done. */
export async function lostChanges(
  target: Target,
  administrators: readonly Administrator[],
): Promise<readonly string[]> {
  let servers = await serversOf(target);
  const ours = (): readonly Server[] =>
    servers.filter(({ id }) => administrators.some((administrator) => administrator.servers.has(id)));
  const lost = administrators.flatMap((administrator) => compare(administrator, servers));

  // The other half of a change is its shard's.
  const isWhole = await within(settleBoundMs, async () => {
    servers = await serversOf(target);
    return ours().every(({ state }) => state === "disabled");
  });
  const half = isWhole ? [] : ours().filter(({ state }) => state !== "disabled");
  const { total } = (await administer(target, "/servers/count")).body as { total: number };
  return [
    ...lost,
    ...half.map(({ id, state }) => `${id} is registered, but its shard says '${state}'`),
    ...(total === servers.length ? [] : [`${servers.length} servers are listed, ${total} are counted`]),
  ];
}

function compare(administrator: Administrator, servers: readonly Server[]): readonly string[] {
  const lost: string[] = [];
  for (const [id, { acknowledged, inDoubt }] of administrator.servers) {
    const found = servers.find((server) => server.id === id);
    const version = found ? Number(/^v(\d+)$/.exec(found.title ?? "")?.[1] ?? Number.NaN) : 0;
    const is = found ? `${found.title}, ${found.timeoutMs} ms` : "gone";
    if (found && found.timeoutMs !== fieldsOf(version).timeoutMs) lost.push(`${id} is half changed: ${is}`);
    else if (version !== acknowledged && version !== inDoubt)
      lost.push(
        `${id} is ${is}; v${acknowledged} was acknowledged${inDoubt === undefined ? "" : `, v${inDoubt} asked`}`,
      );
    administrator.settle(id, version);
  }
  return lost;
}

async function serversOf(target: Target): Promise<readonly Server[]> {
  const servers: Server[] = [];
  let cursor: string | undefined = "";
  while (cursor !== undefined) {
    const from: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body, text } = await administer(target, `/servers?limit=1000${from}`);
    if (status !== 200) throw new Error(`GET /servers: ${status} ${text}`);
    const page = body as { servers: readonly Server[]; nextCursor?: string };
    servers.push(...page.servers);
    cursor = page.nextCursor;
  }
  return servers;
}
