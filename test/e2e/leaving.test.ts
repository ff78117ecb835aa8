/** More than a thousand clients leave in the middle of a slow call, in every cell: their servers see it, and nothing stays. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFixture, type Fixture } from "../conformance/fixture/start-fixture.ts";
import { cleanUp, startGateway, until, type TestGateway } from "../support/gateway.ts";
import { openSession, post, type Door, type Message } from "../support/raw-mcp.ts";
import { register } from "../support/register.ts";
import { watched } from "./watched-offer.ts";

const crowd = 250;
const eras = ["legacy", "modern"] as const;
type Era = (typeof eras)[number];
/** A key may park 64 calls, and a shard 512: so a crowd is of many keys, and at a server on either shard. */
const keyCount = 20;
/** The first crowd of each kind make some heap grow; those that come after them find it grown. */
const mostMoreMiB = 128;

const servers = { legacy: watched(), modern: watched() };
const fixtures = {} as Record<Era, Fixture>;
let gateway: TestGateway;
const keys: string[] = [];

beforeAll(async () => {
  gateway = await startGateway({ shards: 2 });
  for (const era of eras) {
    fixtures[era] = await startFixture(era, servers[era].offer);
    for (const half of [0, 1]) await register(gateway, `${era}-${half}`, fixtures[era].url, { maxInFlight: crowd });
  }
  for (let n = 0; n < keyCount; n += 1) {
    const made = await gateway.call("/keys", { method: "POST", body: { name: `key ${n}`, scopes: ["tools:call"] } });
    keys.push((made.body as { key: string }).key);
  }
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(eras.map((era) => fixtures[era].close()));
  await cleanUp();
});

type Knock = (door: Door, id: number, params: Message, signal: AbortSignal) => Promise<Response>;

function modern(capabilities: Message): Knock {
  const prefix = "io.modelcontextprotocol/";
  const _meta = { [`${prefix}protocolVersion`]: "2026-07-28", [`${prefix}clientCapabilities`]: capabilities };
  const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "hold" };
  return (door, id, params, signal) =>
    post(door, { jsonrpc: "2.0", id, method: "tools/call", params: { ...params, _meta } }, headers, signal);
}

/** By endpoint and key. */
const sessions = new Map<string, Promise<string>>();

/** Some fifty calls to a session. */
const legacy: Knock = async (door, id, params, signal) => {
  const name = `${door.url} ${door.key}`;
  const opening = sessions.get(name) ?? openSession(door);
  sessions.set(name, opening);
  const headers = { "mcp-session-id": await opening, "mcp-protocol-version": "2025-11-25" };
  return post(door, { jsonrpc: "2.0", id, method: "tools/call", params }, headers, signal);
};

const clients: readonly (readonly [who: string, knock: Knock])[] = [
  ["modern clients that cannot be asked", modern({})],
  ["modern clients that can be asked", modern({ elicitation: {} })],
  ["legacy clients", legacy],
];

/** All of them at once, and gone at once when each call is under way. */
async function comeAndGo(era: Era, who: string, knock: Knock, size: number): Promise<void> {
  const { held } = servers[era];
  const leaving = new AbortController();
  const calls = Array.from({ length: size }, async (_, n) => {
    const door = { url: `${gateway.url}/mcp/servers/${era}-${n % 2}`, key: keys[n % keyCount] ?? "" };
    const params = { name: "hold", arguments: { name: `${who} ${n}` } };
    const response = await knock(door, n, params, leaving.signal);
    await response.text();
  });
  const ended = Promise.allSettled(calls);
  await until(() => held.size === size);
  leaving.abort();
  await ended;
  await until(() => held.size === 0);
}

async function parkedCalls(): Promise<number> {
  const { body } = await gateway.call("/status");
  const { shards } = body as { shards: readonly { parkedCalls: number }[] };
  return shards.reduce((sum, shard) => sum + shard.parkedCalls, 0);
}

/** Linux tells; elsewhere it is not looked at. */
function residentMiB(): number {
  if (process.platform !== "linux") return 0;
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${gateway.workerdPid}/status`, "utf8"))?.[1]) / 1024;
}

const residents: number[] = [];

describe.each(eras)("at a %s server", (era) => {
  it.each(clients)("250 %s", async (who, knock) => {
    const { cancelled } = servers[era];
    const seen = cancelled.length;
    await comeAndGo(era, who, knock, crowd);
    expect(new Set(cancelled.slice(seen)).size, "each is cancelled, and once").toBe(crowd);
    expect(cancelled.length - seen).toBe(crowd);
    await until(async () => (await parkedCalls()) === 0);
    await until(async () => (await fixtures[era].connections()) <= 8);
    residents.push(residentMiB());
  });
});

it("and the memory is what the first crowd of each kind took", () => {
  const first = residents.slice(0, clients.length);
  const later = residents.slice(clients.length);
  expect(later).toHaveLength(clients.length);
  expect(Math.max(...later) - Math.max(...first), residents.join(" ")).toBeLessThan(mostMoreMiB);
});
